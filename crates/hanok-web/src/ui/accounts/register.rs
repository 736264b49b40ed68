//! `/register`: a new account, with an invitation or without.

use axum::extract::State;
use axum::response::{Html, IntoResponse, Redirect, Response};
use hanok_studio::accounts::Register;
use serde::Deserialize;

use super::lone::{self, Lone};
use crate::access::guard::Came;
use crate::app::App;
use crate::error::ApiError;
use crate::extract::Query;
use crate::ui::frame::Frame;
use crate::ui::parts::{Control, Field};
use crate::ui::visit::{Posted, Visit};

/// The invitation of a link.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct RegisterQuery {
    invitation: String,
}

/// `GET /register`.
pub async fn show(Visit(frame): Visit, Query(query): Query<RegisterQuery>) -> Html<String> {
    if !frame.registration && query.invitation.is_empty() {
        let l = frame.lang;
        let links = vec![("/login", l.t("login.button"))];
        let page = lone::said(
            l.t("register.title"),
            l.t("register.closed").to_owned(),
            links,
        );
        return Html(lone::render(&page, &frame));
    }
    Html(lone::render(
        &form(&frame, "", "", &query.invitation),
        &frame,
    ))
}

/// `POST /register`.
pub async fn register(
    State(app): State<App>,
    Visit(frame): Visit,
    Came(origin): Came,
    form_of: Posted,
) -> Result<Response, ApiError> {
    let l = frame.lang;
    let given = |name: &str| Some(form_of.get(name).to_owned()).filter(|text| !text.is_empty());
    let new = Register {
        name: form_of.get("name").to_owned(),
        email: given("email"),
        password: form_of.raw("password").to_owned(),
        invitation: given("invitation"),
        language: Some(l.code().to_owned()),
    };
    match app.studio.register(&new, &origin).await {
        Ok(true) => Ok(Redirect::to("/login?done=registered").into_response()),
        Ok(false) => {
            let lead = l.t("register.sent").to_owned();
            let page = lone::said(
                l.t("register.mail"),
                lead,
                vec![("/login", l.t("login.button"))],
            );
            Ok(Html(lone::render(&page, &frame)).into_response())
        }
        Err(fault) => {
            let invitation = form_of.get("invitation");
            lone::again(
                form(
                    &frame,
                    form_of.get("name"),
                    form_of.get("email"),
                    invitation,
                ),
                &frame,
                fault,
            )
        }
    }
}

fn form(f: &Frame, name: &str, email: &str, invitation: &str) -> Lone {
    let l = f.lang;
    let mut fields = vec![
        Field::new(
            "name",
            l.t("login.name"),
            l.t("register.name"),
            Control::UserName,
        )
        .value(name)
        .required(),
    ];
    if invitation.is_empty() {
        let address = Field::new(
            "email",
            l.t("account.email"),
            l.t("register.email"),
            Control::Email,
        );
        fields.push(address.value(email).required());
    }
    let help = l.t1("password.help", f.password_min);
    fields.push(
        Field::new(
            "password",
            l.t("login.password"),
            help,
            Control::NewPassword,
        )
        .required(),
    );
    Lone {
        title: l.t("register.title"),
        action: "/register",
        hidden: vec![("invitation", invitation.to_owned())],
        fields,
        button: l.t("register.button"),
        links: vec![("/login", l.t("register.have"))],
        ..Lone::default()
    }
}
