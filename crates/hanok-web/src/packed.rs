//! Compression of answers: texts that are whole and longer than a kilobyte. Streams are left alone, since
//! compression would hold them back, and so are files, which are mostly compressed already.

use axum::body::HttpBody;
use axum::http::{HeaderMap, Response, header};
use tower_http::compression::predicate::Predicate;
use tower_http::compression::{CompressionLayer, CompressionLevel};

/// Shorter answers gain nothing.
const LEAST: u64 = 1024;
/// Higher levels cost more time than the bytes that they save.
const LEVEL: i32 = 4;

/// What is compressed.
#[derive(Clone, Copy)]
pub struct Texts;

impl Predicate for Texts {
    fn should_compress<B: HttpBody>(&self, response: &Response<B>) -> bool {
        // A whole answer knows its size; a stream does not.
        let size = response.body().size_hint().exact();
        size.is_some_and(|size| size >= LEAST) && is_text(response.headers())
    }
}

fn is_text(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE);
    let kind = kind.and_then(|v| v.to_str().ok()).unwrap_or_default();
    let name = kind.split(';').next().unwrap_or_default().trim();
    let text = name.starts_with("text/") && name != "text/event-stream";
    text || matches!(name, "application/json" | "image/svg+xml")
}

/// The layer.
pub fn layer() -> CompressionLayer<Texts> {
    CompressionLayer::new()
        .quality(CompressionLevel::Precise(LEVEL))
        .compress_when(Texts)
}
