//! `/forgot`: a link that sets a new password, by mail.

use axum::extract::State;
use axum::response::{Html, IntoResponse, Response};

use super::lone::{self, Lone};
use crate::access::guard::Came;
use crate::app::App;
use crate::error::ApiError;
use crate::ui::frame::Frame;
use crate::ui::parts::{Control, Field};
use crate::ui::visit::{Posted, Visit};

/// `GET /forgot`.
pub async fn show(Visit(frame): Visit) -> Html<String> {
    Html(lone::render(&form(&frame, ""), &frame))
}

/// `POST /forgot`.
pub async fn forgot(
    State(app): State<App>,
    Visit(frame): Visit,
    Came(origin): Came,
    posted: Posted,
) -> Result<Response, ApiError> {
    let l = frame.lang;
    let asked = app
        .studio
        .forgot_password(posted.get("email"), Some(l.code()), &origin);
    match asked.await {
        Ok(()) => {
            let links = vec![("/login", l.t("login.button"))];
            let page = lone::said(l.t("register.mail"), l.t("forgot.sent").to_owned(), links);
            Ok(Html(lone::render(&page, &frame)).into_response())
        }
        Err(fault) => lone::again(form(&frame, posted.get("email")), &frame, fault),
    }
}

fn form(f: &Frame, email: &str) -> Lone {
    let l = f.lang;
    let links = vec![("/login", l.t("login.button"))];
    if !f.mail {
        return lone::said(l.t("forgot.title"), l.t("forgot.ask").to_owned(), links);
    }
    let help = l.t("forgot.help");
    Lone {
        title: l.t("forgot.title"),
        action: "/forgot",
        fields: vec![
            Field::new("email", l.t("account.email"), help, Control::Email)
                .value(email)
                .required(),
        ],
        button: l.t("forgot.button"),
        links,
        ..Lone::default()
    }
}
