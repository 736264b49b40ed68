//! The page where a person signs in: by name and password, or with the one-time secret that the server printed.

use crate::ui::accounts::lone::{Elsewhere, Lone, Other};
use crate::ui::frame::Frame;
use crate::ui::lang::Lang;
use crate::ui::parts::{Control, Field, encode};

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
    /// What stands on the button of the provider of identities, if there is one; empty for our own words.
    pub provider: Option<String>,
    /// Whether the account asks for a code of its second factor.
    pub code: bool,
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
    let help = l.t("login.code.help");
    let mut code = Field::new("code", l.t("login.code"), help, code());
    match (v.by_secret, v.code) {
        (true, _) => secret.error = v.error.clone(),
        (false, true) => code.error = v.error.clone(),
        (false, false) => password.error = v.error.clone(),
    }
    let mut fields = vec![name.value(v.name.clone()).required(), password];
    fields.extend(v.code.then_some(code));
    let page = Lone {
        title: l.t("login.title"),
        action: "/login",
        hidden: vec![("next", v.next.clone())],
        fields,
        button: l.t("login.button"),
        other: Some(Other {
            title: l.t("login.by_secret"),
            field: secret,
            button: l.t("login.secret.button"),
            open: v.by_secret,
        }),
        links: links(f),
        elsewhere: elsewhere(v, l),
        ..Lone::default()
    };
    crate::ui::accounts::lone::render(&page, f)
}

fn links(f: &Frame) -> Vec<(&'static str, &'static str)> {
    let mut links = vec![("/forgot", f.lang.t("forgot.title"))];
    if f.registration {
        links.push(("/register", f.lang.t("register.title")));
    }
    links
}

fn code() -> Control {
    Control::Text {
        placeholder: "123456".to_owned(),
        max_length: 32,
    }
}

/// The way to the provider of identities.
fn elsewhere(v: &LoginView, l: Lang) -> Option<Elsewhere> {
    let words = v.provider.as_ref()?;
    Some(Elsewhere {
        address: format!("/auth/oidc/start?next={}", encode(&v.next)),
        words: match words.is_empty() {
            true => l.t("login.provider").to_owned(),
            false => words.clone(),
        },
    })
}
