//! A page with one form and nothing around it.

use askama::Template;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use hanok_domain::fault::Fault;

use crate::error::{ApiError, status_of};
use crate::ui::accounts::told::told;
use crate::ui::frame::{At, Frame, Section};
use crate::ui::lang::Lang;
use crate::ui::parts::{Field, FieldError};

/// What the page shows.
#[derive(Debug, Clone, Default)]
pub struct Lone {
    /// Its heading.
    pub title: &'static str,
    /// A sentence under it.
    pub lead: String,
    /// What went wrong, where it belongs to no field.
    pub problem: Option<String>,
    /// Where the form goes.
    pub action: &'static str,
    /// What goes with it unseen.
    pub hidden: Vec<(&'static str, String)>,
    /// What is filled in.
    pub fields: Vec<Field>,
    /// On the button; without it there is no form.
    pub button: &'static str,
    /// Another way to the same end.
    pub other: Option<Other>,
    /// A way that leads to another site.
    pub elsewhere: Option<Elsewhere>,
    /// Where else to go: address and words.
    pub links: Vec<(&'static str, &'static str)>,
}

/// A way to the same end that leads to another site.
#[derive(Debug, Clone)]
pub struct Elsewhere {
    /// Where it begins.
    pub address: String,
    /// On the button.
    pub words: String,
}

/// Another way to the same end, folded away.
#[derive(Debug, Clone)]
pub struct Other {
    /// What it is.
    pub title: &'static str,
    /// What is filled in.
    pub field: Field,
    /// On the button.
    pub button: &'static str,
    /// Whether it was tried just now.
    pub open: bool,
}

#[derive(Template)]
#[template(path = "accounts/lone.html")]
struct Page<'a> {
    f: &'a Frame,
    l: Lang,
    at: At,
    v: &'a Lone,
}

/// The page.
pub fn render(v: &Lone, f: &Frame) -> String {
    let page = Page {
        f,
        l: f.lang,
        at: At::outside(v.title),
        v,
    };
    crate::ui::html(&page).0
}

/// The page once more, with what is wrong under its field; faults of ours go their own way.
pub fn again(mut v: Lone, f: &Frame, fault: Fault) -> Result<Response, ApiError> {
    let (status, _) = status_of(fault.kind);
    if status == StatusCode::INTERNAL_SERVER_ERROR || fault.code == "cross_site_request" {
        return Err(fault.into());
    }
    let named = fault.field.clone().unwrap_or_default();
    let errors = [FieldError {
        field: named.clone(),
        message: told(f.lang, &fault),
    }];
    let known = v.fields.iter().any(|field| field.name == named);
    v.fields = v
        .fields
        .into_iter()
        .map(|field| field.checked(&errors))
        .collect();
    if !known {
        v.problem = Some(told(f.lang, &fault));
    }
    let headers = ApiError(fault).into_response().headers().clone();
    let mut response = (status, Html(render(&v, f))).into_response();
    if let Some(wait) = headers.get(axum::http::header::RETRY_AFTER) {
        let name = axum::http::header::RETRY_AFTER;
        response.headers_mut().insert(name, wait.clone());
    }
    Ok(response)
}

/// A page that only says something.
pub fn said(title: &'static str, lead: String, links: Vec<(&'static str, &'static str)>) -> Lone {
    Lone {
        title,
        lead,
        links,
        ..Lone::default()
    }
}
