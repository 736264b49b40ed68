//! An S3 service for tests: buckets are folders under `--root`, signatures are checked. It says
//! where it listens on its first line, and runs until it is killed.
//!
//! It keeps nothing safe and is no part of the product; `cargo xtask test` starts it.

use std::net::Ipv4Addr;
use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Parser;
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use s3s::auth::SimpleAuth;
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s_fs::FileSystem;
use tokio::net::TcpListener;

#[derive(Parser)]
struct Options {
    /// The folder of the buckets; made if it is missing.
    #[arg(long)]
    root: PathBuf,
    /// On loopback; 0 takes a free one.
    #[arg(long, default_value_t = 0)]
    port: u16,
    #[arg(long, default_value = "hanok-test")]
    access_key: String,
    #[arg(long, default_value = "hanok-test-secret")]
    secret_key: String,
}

#[tokio::main]
async fn main() -> Result<()> {
    let options = Options::parse();
    std::fs::create_dir_all(&options.root).context("cannot make the folder of the buckets")?;
    let files = FileSystem::new(&options.root)
        .map_err(|error| anyhow::anyhow!("cannot use the folder of the buckets: {error:?}"))?;
    let mut builder = S3ServiceBuilder::new(files);
    builder.set_auth(SimpleAuth::from_single(
        options.access_key,
        options.secret_key,
    ));
    let service = builder.build();
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port)).await?;
    println!("http://{}", listener.local_addr()?);
    loop {
        let (socket, _) = listener.accept().await?;
        tokio::spawn(serve(socket, service.clone()));
    }
}

async fn serve(socket: tokio::net::TcpStream, service: S3Service) {
    let connection = http1::Builder::new().serve_connection(TokioIo::new(socket), service);
    // A client that goes away is no failure of ours.
    let _ = connection.await;
}
