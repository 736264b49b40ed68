//! The listeners of a server: the one for people and programs elsewhere, plain or with TLS; a plain one
//! that redirects to it; one on loopback for commands and workers of this machine, where the first is not
//! theirs to use (docs/adr/0006-a-door-for-programs-of-this-machine.md).

use std::path::PathBuf;

use hanok_config::Settings;
use hanok_config::transport::{Acme, Tls};
use hanok_domain::fault::{Fault, FaultKind};
use hanok_web::app::App;
use hanok_web::redirect::{self, ToHttps};
use hanok_web::server::{Patience, Wire, serve_over};
use hanok_web::tls::{self, AcmePlan, Challenges, Current, Keeper};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// What a server listens on, before it serves.
pub struct Doors {
    /// Where people find it.
    pub url: String,
    /// Where commands and workers of this machine do.
    pub inner_url: String,
    main: (TcpListener, Wire),
    local: Option<TcpListener>,
    redirect: Option<(TcpListener, ToHttps)>,
    certificate: Certificate,
}

/// Who keeps the certificate up to date.
enum Certificate {
    None,
    Files(Current, PathBuf, PathBuf),
    Acme(Box<Keeper>),
}

impl Doors {
    /// Listens, once certificate and key are known to be good.
    ///
    /// # Errors
    /// What is wrong with them, or a port that cannot be had.
    pub async fn open(settings: &Settings) -> Result<Self, Fault> {
        let transport = &settings.transport;
        let challenges = Challenges::default();
        let (current, certificate) = certificate(settings, &challenges)?;
        let wire = match &certificate {
            Certificate::None => Wire::Plain,
            _ => Wire::Tls(current.server_config()?),
        };
        let main = listen(&settings.host, settings.port, "--port").await?;
        let address = main.local_addr();
        let address = address.map_err(|e| fault("address", e.to_string()))?;
        let redirect = match transport.http_port {
            Some(port) => {
                let to = ToHttps {
                    hosts: hosts(settings),
                    port: address.port(),
                    challenges,
                };
                Some((listen(&settings.host, port, "HTTP_PORT").await?, to))
            }
            None => None,
        };
        let local = match transport.protected() {
            true => Some(listen("127.0.0.1", 0, "--port").await?),
            false => None,
        };
        let inner = match &local {
            Some(local) => local.local_addr(),
            None => Ok(address),
        };
        let inner = inner.map_err(|e| fault("address", e.to_string()))?;
        Ok(Self {
            url: public_url(settings, &address.to_string(), address.port()),
            inner_url: format!("http://{inner}"),
            main: (main, wire),
            local,
            redirect,
            certificate,
        })
    }

    /// Serves on all of them until `halt`; the certificate is kept until the app is to stop.
    pub fn serve(self, app: &App, halt: &CancellationToken) -> Vec<JoinHandle<()>> {
        let stop = app.stop.clone();
        let (router, _) = hanok_web::router(app.clone());
        let on = |listener, wire, router| {
            let served = serve_over(listener, wire, Patience::default(), router, halt.clone());
            tokio::spawn(served)
        };
        let mut tasks = vec![on(self.main.0, self.main.1, router.clone())];
        tasks.extend(self.local.map(|local| on(local, Wire::Local, router)));
        tasks.extend(
            self.redirect
                .map(|(listener, to)| on(listener, Wire::Plain, redirect::router(to))),
        );
        match self.certificate {
            Certificate::None => {}
            Certificate::Files(current, cert, key) => {
                tasks.push(tokio::spawn(tls::watch(current, cert, key, stop)));
            }
            Certificate::Acme(keeper) => tasks.push(tokio::spawn(keeper.run(stop))),
        }
        tasks
    }
}

/// Host names that requests may name, beside loopback.
pub fn hosts(settings: &Settings) -> Vec<String> {
    let mut hosts = settings.allowed_hosts.clone();
    hosts.push(settings.host.to_lowercase());
    hosts.extend(settings.accounts.public_host());
    if let Some(Tls::Acme(acme)) = &settings.transport.tls {
        hosts.extend(acme.domains.iter().cloned());
    }
    hosts
}

/// The name that people type: a host name where one is told, the address otherwise.
fn public_url(settings: &Settings, address: &str, port: u16) -> String {
    let named = settings.allowed_hosts.first();
    let port = match port {
        443 => String::new(),
        port => format!(":{port}"),
    };
    match (&settings.transport.tls, named) {
        (Some(Tls::Acme(acme)), _) => {
            let name = acme.domains.first().map_or("localhost", String::as_str);
            format!("https://{name}{port}")
        }
        (Some(_), Some(name)) => format!("https://{name}{port}"),
        (Some(_), None) => format!("https://{address}"),
        // The proxy's port is the usual one.
        (None, Some(name)) if settings.transport.protected() => format!("https://{name}"),
        (None, _) => format!("http://{address}"),
    }
}

fn certificate(
    settings: &Settings,
    challenges: &Challenges,
) -> Result<(Current, Certificate), Fault> {
    let current = Current::default();
    let certificate = match &settings.transport.tls {
        None => Certificate::None,
        Some(Tls::Files { cert, key }) => {
            let name = format!("TLS_CERT_FILE {}", cert.display());
            current.install(&tls::read(cert, key)?.unexpired(&name)?);
            Certificate::Files(current.clone(), cert.clone(), key.clone())
        }
        Some(Tls::Acme(acme)) => {
            let plan = plan(settings, acme);
            let keeper = Keeper::new(plan, current.clone(), challenges.clone())?;
            Certificate::Acme(Box::new(keeper))
        }
    };
    Ok((current, certificate))
}

fn plan(settings: &Settings, acme: &Acme) -> AcmePlan {
    AcmePlan {
        domains: acme.domains.clone(),
        email: acme.email.clone(),
        directory: acme.directory.clone(),
        ca_file: acme.ca_file.clone(),
        renew_before: acme.renew_before,
        folder: settings.data.join("secrets").join("acme"),
    }
}

async fn listen(host: &str, port: u16, setting: &str) -> Result<TcpListener, Fault> {
    let bare = host.trim_matches(['[', ']']);
    TcpListener::bind((bare, port)).await.map_err(|e| {
        let place = format!("{host}:{port}");
        let next = port.saturating_add(1);
        let spare = match setting {
            "--port" => format!("--port {next} (0 picks a free one)"),
            setting => format!("{setting}={next}"),
        };
        match e.kind() {
            std::io::ErrorKind::AddrInUse => {
                fault("port_taken", format!("{place} is taken by another program"))
                    .remedy(format!("Stop that program, or choose another port: {spare}."))
            }
            std::io::ErrorKind::PermissionDenied => {
                fault("port_refused", format!("{place} may not be used: {e}")).remedy(
                    "Ports below 1024 need a right: AmbientCapabilities=CAP_NET_BIND_SERVICE under systemd, \
                     or 'setcap cap_net_bind_service=+ep' on the program.",
                )
            }
            _ => fault("cannot_listen", format!("cannot listen on {place}: {e}")),
        }
    })
}

fn fault(code: &'static str, message: String) -> Fault {
    Fault::new(FaultKind::Invalid, code, message)
}
