//! Style sheet, scripts and pictures of the pages, served from memory under a path that holds their hash.
//! Nothing a person uploads is served here.

use std::sync::LazyLock;

use axum::body::Body;
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use sha2::{Digest, Sha256};

use crate::answer::is_known;

/// A file built into the program.
pub struct Asset {
    /// Its name in templates.
    pub name: &'static str,
    /// Its media type.
    pub media_type: &'static str,
    /// Its content.
    pub bytes: &'static [u8],
}

macro_rules! asset {
    ($name:literal, $media_type:literal) => {
        Asset {
            name: $name,
            media_type: $media_type,
            bytes: include_bytes!(concat!("../../static/", $name)),
        }
    };
}

/// Every file, by name.
pub const ASSETS: [Asset; 8] = [
    asset!("hanok.css", "text/css; charset=utf-8"),
    asset!("live.js", "text/javascript; charset=utf-8"),
    asset!("chart.js", "text/javascript; charset=utf-8"),
    asset!("import.js", "text/javascript; charset=utf-8"),
    asset!("playground.js", "text/javascript; charset=utf-8"),
    asset!("favicon.svg", "image/svg+xml"),
    asset!("icons.svg", "image/svg+xml"),
    asset!("logo.svg", "image/svg+xml"),
];

static HASHES: LazyLock<Vec<String>> =
    LazyLock::new(|| ASSETS.iter().map(|asset| hash(asset.bytes)).collect());

fn hash(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn find(name: &str) -> Option<(&'static Asset, &'static str)> {
    let at = ASSETS.iter().position(|asset| asset.name == name)?;
    Some((&ASSETS[at], HASHES[at].as_str()))
}

/// The address of a file for a template: `/static/<hash>/<name>`.
pub fn path(name: &str) -> String {
    match find(name) {
        Some((_, hash)) => format!("/static/{hash}/{name}"),
        None => format!("/static/none/{name}"),
    }
}

/// `GET /static/{hash}/{name}`. An old hash gets the present file, uncached: a page that was open
/// during an upgrade still finds its style.
pub async fn serve(
    Path((hash, name)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response<Body> {
    let Some((asset, current)) = find(&name) else {
        return plain(StatusCode::NOT_FOUND, Body::from("not found\n"));
    };
    // Weak: the same file may go out under another coding.
    let tag = format!("W/\"{current}\"");
    let known: Vec<HeaderValue> = headers
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .cloned()
        .collect();
    let known = is_known(&known, &tag);
    let mut response = match known {
        true => plain(StatusCode::NOT_MODIFIED, Body::empty()),
        false => plain(StatusCode::OK, Body::from(asset.bytes)),
    };
    let cache = match hash == current {
        true => "public, max-age=31536000, immutable",
        false => "no-cache",
    };
    let head = response.headers_mut();
    head.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static(asset.media_type),
    );
    head.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    if let Ok(value) = HeaderValue::from_str(&tag) {
        head.insert(header::ETAG, value);
    }
    response
}

fn plain(status: StatusCode, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_known_tag_is_not_sent_again() {
        let address = path("hanok.css");
        let hash = address.split('/').nth(2).unwrap().to_owned();
        let at = || Path((hash.clone(), "hanok.css".to_owned()));

        let first = serve(at(), HeaderMap::new()).await;
        assert_eq!(first.status(), StatusCode::OK);
        assert!(
            first.headers()[header::CACHE_CONTROL]
                .to_str()
                .unwrap()
                .contains("immutable")
        );

        let mut headers = HeaderMap::new();
        headers.insert(header::IF_NONE_MATCH, first.headers()[header::ETAG].clone());
        assert_eq!(
            serve(at(), headers).await.status(),
            StatusCode::NOT_MODIFIED
        );

        let old = Path(("0".repeat(16), "hanok.css".to_owned()));
        let old = serve(old, HeaderMap::new()).await;
        assert_eq!(old.headers()[header::CACHE_CONTROL], "no-cache");

        let absent = Path((hash, "../Cargo.toml".to_owned()));
        assert_eq!(
            serve(absent, HeaderMap::new()).await.status(),
            StatusCode::NOT_FOUND
        );
    }
}
