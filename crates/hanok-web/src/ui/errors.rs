//! The page of an error: what happened, what to do, the request's id.

use askama::Template;

use super::frame::{At, Frame, Section};
use super::lang::Lang;

/// What the page shows.
#[derive(Debug, Clone)]
pub struct ErrorView {
    /// The status code.
    pub status: u16,
    /// What happened, from the fault; empty for the page's own words.
    pub message: String,
    /// What to do; empty for the page's own words.
    pub remedy: String,
    /// For the person who asks the operator.
    pub request_id: String,
}

#[derive(Template)]
#[template(path = "error.html")]
struct Page<'a> {
    f: &'a Frame,
    l: Lang,
    at: At,
    v: &'a ErrorView,
    title: String,
    text: String,
}

/// The page.
pub fn render(v: &ErrorView, f: &Frame) -> String {
    let l = f.lang;
    let status = match v.status {
        403 | 404 | 413 | 429 | 503 | 507 => v.status.to_string(),
        400..=499 => "400".to_owned(),
        _ => "500".to_owned(),
    };
    let title = l.word("error.title", &status);
    let text = match v.message.is_empty() {
        true => l.word("error.text", &status),
        false => format!("{} {}", v.message, v.remedy),
    };
    let at = At::outside(title.clone());
    super::html(&Page {
        f,
        l,
        at,
        v,
        title,
        text,
    })
    .0
}
