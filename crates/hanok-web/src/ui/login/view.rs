//! The page where a person signs in: by name and password, or with the one-time secret that the server printed.

use crate::ui::accounts::lone::{Lone, Other};
use crate::ui::frame::Frame;
use crate::ui::parts::{Control, Field};

/// What the page shows.
#[derive(Debug, Clone, Default)]
pub struct LoginView {
    /// Where to go afterwards: a path of ours.
    pub next: String,
    /// The name that was typed.
    pub name: String,
    /// Why the last try failed.
    pub error: Option<String>,
    /// Whether it was tried with a secret.
    pub by_secret: bool,
}

/// The page.
pub fn render(v: &LoginView, f: &Frame) -> String {
    let l = f.lang;
    let name = Field::new(
        "name",
        l.t("login.name"),
        l.t("login.name.help"),
        Control::UserName,
    );
    let mut password =
        Field::new("password", l.t("login.password"), "", Control::Password).required();
    let mut secret = Field::new(
        "secret",
        l.t("login.secret"),
        l.t("login.help"),
        Control::Secret,
    )
    .required();
    match v.by_secret {
        true => secret.error = v.error.clone(),
        false => password.error = v.error.clone(),
    }
    let mut links = vec![("/forgot", l.t("forgot.title"))];
    if f.registration {
        links.push(("/register", l.t("register.title")));
    }
    let page = Lone {
        title: l.t("login.title"),
        action: "/login",
        hidden: vec![("next", v.next.clone())],
        fields: vec![name.value(v.name.clone()).required(), password],
        button: l.t("login.button"),
        other: Some(Other {
            title: l.t("login.by_secret"),
            field: secret,
            button: l.t("login.secret.button"),
            open: v.by_secret,
        }),
        links,
        ..Lone::default()
    };
    crate::ui::accounts::lone::render(&page, f)
}
