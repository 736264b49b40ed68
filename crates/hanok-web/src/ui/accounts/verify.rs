//! `/verify`: the link of a registration. The page asks; only its button verifies, so that a program that
//! follows links in mails does not.

use axum::extract::State;
use axum::response::{Html, IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::lone::{self, Lone};
use crate::access::guard::Came;
use crate::app::App;
use crate::error::ApiError;
use crate::extract::Query;
use crate::ui::frame::Frame;
use crate::ui::visit::{Posted, Visit};

/// The token of a link.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct TokenQuery {
    /// As it stands in the link.
    pub token: String,
}

/// `GET /verify`.
pub async fn show(Visit(frame): Visit, Query(query): Query<TokenQuery>) -> Html<String> {
    Html(lone::render(&form(&frame, &query.token), &frame))
}

/// `POST /verify`.
pub async fn verify(
    State(app): State<App>,
    Visit(frame): Visit,
    Came(origin): Came,
    posted: Posted,
) -> Result<Response, ApiError> {
    let l = frame.lang;
    match app.studio.verify_email(posted.get("token"), &origin).await {
        Ok(true) => Ok(Redirect::to("/login?done=verified").into_response()),
        Ok(false) => {
            let links = vec![("/login", l.t("login.button"))];
            let page = lone::said(l.t("verify.done"), l.t("verify.approval").to_owned(), links);
            Ok(Html(lone::render(&page, &frame)).into_response())
        }
        Err(fault) => lone::again(form(&frame, posted.get("token")), &frame, fault),
    }
}

fn form(f: &Frame, token: &str) -> Lone {
    let l = f.lang;
    Lone {
        title: l.t("verify.title"),
        lead: l.t("verify.lead").to_owned(),
        action: "/verify",
        hidden: vec![("token", token.to_owned())],
        button: l.t("verify.button"),
        links: vec![("/login", l.t("login.button"))],
        ..Lone::default()
    }
}
