//! To the provider of identities and back. The way back arrives from another site, where a strict cookie is
//! not sent along: it ends in a page of ours that goes on from here.

pub mod callback;
pub mod link;
pub mod start;
pub mod view;

use axum::http::HeaderValue;

use super::frame::Frame;

/// Name of the cookie that binds a sign-in to its browser. It comes back from another site's page.
const BROWSER: &str = "hanok_oidc";

/// Where the provider sends browsers.
fn callback_address(frame: &Frame) -> String {
    format!("{}/auth/oidc/callback", frame.base_url)
}

fn set_browser(value: &str, secure: bool) -> Option<HeaderValue> {
    cookie(value, 600, secure)
}

fn clear_browser(secure: bool) -> Option<HeaderValue> {
    cookie("", 0, secure)
}

fn cookie(value: &str, seconds: u32, secure: bool) -> Option<HeaderValue> {
    let only = if secure { "Secure; " } else { "" };
    HeaderValue::from_str(&format!(
        "{BROWSER}={value}; {only}Path=/auth/oidc; HttpOnly; SameSite=Lax; Max-Age={seconds}"
    ))
    .ok()
}
