//! The page where a person signs in with the one-time secret that the server printed.

use askama::Template;

use crate::ui::frame::{At, Frame, Section};
use crate::ui::lang::Lang;
use crate::ui::parts::{Control, Field};

/// What the page shows.
#[derive(Debug, Clone, Default)]
pub struct LoginView {
    /// Where to go afterwards: a path of ours.
    pub next: String,
    /// Why the last try failed.
    pub error: Option<String>,
}

#[derive(Template)]
#[template(path = "login.html")]
struct Page<'a> {
    f: &'a Frame,
    l: Lang,
    at: At,
    v: &'a LoginView,
    secret: Field,
}

/// The page.
pub fn render(v: &LoginView, f: &Frame) -> String {
    let l = f.lang;
    let mut secret = Field::new(
        "secret",
        l.t("login.secret"),
        l.t("login.help"),
        Control::Secret,
    )
    .required();
    secret.error = v.error.clone();
    let at = At::outside(l.t("login.title"));
    crate::ui::html(&Page {
        f,
        l,
        at,
        v,
        secret,
    })
    .0
}
