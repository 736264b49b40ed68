//! `/account`: who one is, the password, where one is signed in.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{Html, IntoResponse, Redirect, Response};
use hanok_domain::fault::Fault;
use hanok_studio::access::Caller;
use hanok_studio::accounts::{AccountView, ChangePassword, ChangeProfile, SessionView};

use crate::access::client::Client;
use crate::access::cookie;
use crate::access::guard::Signed;
use crate::app::App;
use crate::error::{ApiError, status_of};
use crate::ui::accounts::told::told;
use crate::ui::frame::{At, Frame, Section};
use crate::ui::lang::Lang;
use crate::ui::parts::{Control, Field, FieldError};
use crate::ui::visit::{Posted, Visit};

struct View {
    account: AccountView,
    sessions: Vec<SessionView>,
    errors: Vec<FieldError>,
    name: Option<String>,
}

#[derive(Template)]
#[template(path = "accounts/account.html")]
struct Page<'a> {
    f: &'a Frame,
    l: Lang,
    at: At,
    v: &'a View,
    password: Vec<Field>,
    name: Field,
}

impl Page<'_> {
    /// Date and time to the minute.
    fn short(&self, rfc3339: &str) -> String {
        rfc3339
            .chars()
            .take(16)
            .collect::<String>()
            .replace('T', " ")
    }
}

/// `GET /account`.
pub async fn show(
    State(app): State<App>,
    Signed(caller): Signed,
    Visit(frame): Visit,
) -> Result<Html<String>, ApiError> {
    let view = load(&app, &caller).await?;
    Ok(Html(render(&view, &frame)))
}

/// `POST /account`: another name.
pub async fn rename(
    State(app): State<App>,
    Signed(caller): Signed,
    Visit(frame): Visit,
    posted: Posted,
) -> Result<Response, ApiError> {
    let change = ChangeProfile {
        name: posted.get("name").to_owned(),
    };
    match app.studio.change_profile(&caller, &change).await {
        Ok(_) => Ok(Redirect::to("/account?done=renamed").into_response()),
        Err(fault) => again(&app, &caller, &frame, fault, Some(change.name)).await,
    }
}

/// `POST /account/password`: this browser goes on in a new session, all others end.
pub async fn password(
    State(app): State<App>,
    client: Client,
    Signed(caller): Signed,
    Visit(frame): Visit,
    posted: Posted,
) -> Result<Response, ApiError> {
    let change = ChangePassword {
        current: posted.raw("current").to_owned(),
        password: posted.raw("password").to_owned(),
    };
    match app.studio.change_password(&caller, &change).await {
        Ok(token) => {
            let mut response = Redirect::to("/account?done=password_changed").into_response();
            let cookie = token.and_then(|token| cookie::set_session(&token, client.secure));
            if let Some(value) = cookie {
                response.headers_mut().append(header::SET_COOKIE, value);
            }
            Ok(response)
        }
        Err(fault) => again(&app, &caller, &frame, fault, None).await,
    }
}

/// `POST /account/sessions/{id}/end`.
pub async fn end(
    State(app): State<App>,
    Signed(caller): Signed,
    Path(id): Path<String>,
    _: Posted,
) -> Result<Redirect, ApiError> {
    app.studio.end_session(&caller, &id).await?;
    Ok(Redirect::to("/account?done=session_ended"))
}

/// `POST /account/sessions/end`.
pub async fn end_others(
    State(app): State<App>,
    Signed(caller): Signed,
    _: Posted,
) -> Result<Redirect, ApiError> {
    app.studio.end_other_sessions(&caller).await?;
    Ok(Redirect::to("/account?done=sessions_ended"))
}

async fn load(app: &App, caller: &Caller) -> Result<View, Fault> {
    Ok(View {
        account: app.studio.own_account(caller).await?,
        sessions: app.studio.sessions(caller).await?,
        errors: Vec::new(),
        name: None,
    })
}

async fn again(
    app: &App,
    caller: &Caller,
    frame: &Frame,
    fault: Fault,
    name: Option<String>,
) -> Result<Response, ApiError> {
    let (status, _) = status_of(fault.kind);
    let Some(field) = fault.field.clone() else {
        return Err(fault.into());
    };
    let mut view = load(app, caller).await?;
    view.name = name;
    view.errors.push(FieldError {
        field,
        message: told(frame.lang, &fault),
    });
    Ok((status, Html(render(&view, frame))).into_response())
}

fn render(v: &View, f: &Frame) -> String {
    let l = f.lang;
    let mut password = Vec::new();
    if v.account.has_password {
        let current = Field::new("current", l.t("password.current"), "", Control::Password);
        password.push(current.required().checked(&v.errors));
    }
    let new = Field::new(
        "password",
        l.t("password.new"),
        l.t1("password.help", f.password_min),
        Control::NewPassword,
    );
    password.push(new.required().checked(&v.errors));
    let name = Field::new(
        "name",
        l.t("login.name"),
        l.t("register.name"),
        Control::UserName,
    );
    let name = name
        .value(v.name.as_ref().unwrap_or(&v.account.name))
        .required();
    let page = Page {
        f,
        l,
        at: At::outside(l.t("account.title")),
        v,
        password,
        name: name.checked(&v.errors),
    };
    crate::ui::html(&page).0
}
