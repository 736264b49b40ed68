//! `/reset`: a new password by a link. Looking at the page changes nothing.

use axum::extract::State;
use axum::response::{Html, IntoResponse, Redirect, Response};

use super::lone::{self, Lone};
use super::verify::TokenQuery;
use crate::access::guard::Came;
use crate::app::App;
use crate::error::ApiError;
use crate::extract::Query;
use crate::ui::frame::Frame;
use crate::ui::parts::{Control, Field};
use crate::ui::visit::{Posted, Visit};

/// `GET /reset`.
pub async fn show(Visit(frame): Visit, Query(query): Query<TokenQuery>) -> Html<String> {
    Html(lone::render(&form(&frame, &query.token), &frame))
}

/// `POST /reset`.
pub async fn reset(
    State(app): State<App>,
    Visit(frame): Visit,
    Came(origin): Came,
    posted: Posted,
) -> Result<Response, ApiError> {
    let token = posted.get("token");
    match app
        .studio
        .reset_password(token, posted.raw("password"), &origin)
        .await
    {
        Ok(()) => Ok(Redirect::to("/login?done=password_changed").into_response()),
        Err(fault) => lone::again(form(&frame, token), &frame, fault),
    }
}

fn form(f: &Frame, token: &str) -> Lone {
    let l = f.lang;
    let help = l.t1("password.help", f.password_min);
    let password = Field::new("password", l.t("password.new"), help, Control::NewPassword);
    Lone {
        title: l.t("reset.title"),
        action: "/reset",
        hidden: vec![("token", token.to_owned())],
        fields: vec![password.required()],
        button: l.t("reset.button"),
        links: vec![
            ("/login", l.t("login.button")),
            ("/forgot", l.t("forgot.title")),
        ],
        ..Lone::default()
    }
}
