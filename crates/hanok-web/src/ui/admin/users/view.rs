//! What `/admin/users` shows.

use askama::Template;
use hanok_studio::accounts::{AccountView, InvitationView, UserQuery};

use crate::ui::admin::tabs::{Tab, Tabs};
use crate::ui::frame::{At, Frame, Section};
use crate::ui::lang::Lang;
use crate::ui::parts::{Choice, Control, Field, FieldError, Pager, encode};

/// What the page shows.
#[derive(Debug, Clone, Default)]
pub struct UsersView {
    /// What was looked for.
    pub query: UserQuery,
    /// The accounts.
    pub users: Vec<AccountView>,
    /// Whether this is not the first part.
    pub later: bool,
    /// Where the next part begins.
    pub next: Option<String>,
    /// Invitations.
    pub invitations: Vec<InvitationView>,
    /// What was just made.
    pub made: Option<Made>,
    /// What is wrong with a form.
    pub errors: Vec<FieldError>,
    /// What was filled in.
    pub given: Vec<(&'static str, String)>,
}

/// What is shown once.
#[derive(Debug, Clone)]
pub enum Made {
    /// An account's link, which sets its password.
    Account {
        /// Whose it is.
        name: String,
        /// To be given to them.
        link: String,
    },
    /// An invitation's link.
    Invitation {
        /// To be given to somebody.
        link: String,
    },
}

#[derive(Template)]
#[template(path = "admin/users.html")]
struct Page<'a> {
    f: &'a Frame,
    l: Lang,
    at: At,
    v: &'a UsersView,
    tabs: Tabs,
    create: Vec<Field>,
    invite: Vec<Field>,
    pager: Pager<'a>,
}

impl Page<'_> {
    fn wrong(&self, fields: &[Field]) -> bool {
        fields.iter().any(|field| field.error.is_some())
    }

    /// What can be done with an account: the word of the form, and what the button says.
    fn acts(&self, user: &AccountView) -> Vec<(&'static str, &'static str)> {
        let l = self.l;
        let mut acts = Vec::new();
        if user.state == "unapproved" || user.state == "unverified" {
            acts.push(("approve", l.t("users.approve")));
        }
        match user.role.as_str() {
            "admin" => acts.push(("user", l.t("users.to_user"))),
            "user" => acts.push(("admin", l.t("users.to_admin"))),
            _ => {}
        }
        match user.state.as_str() {
            "disabled" => acts.push(("enable", l.t("users.enable"))),
            _ => acts.push(("disable", l.t("users.disable"))),
        }
        acts.push(("reset", l.t("users.reset")));
        acts.push(("sessions", l.t("users.sessions")));
        acts
    }

    fn tone(&self, state: &str) -> &'static str {
        match state {
            "active" | "open" => "ok",
            "disabled" => "failed",
            "unapproved" | "unverified" => "warn",
            _ => "",
        }
    }
}

/// The page.
pub fn render(v: &UsersView, f: &Frame) -> String {
    let l = f.lang;
    let at = At::within(Section::Admin, l, l.t("users.title"));
    let base = f.base_url.as_str();
    let page = Page {
        f,
        l,
        at: at.code(
            format!("curl -H \"Authorization: Bearer $HANOK_KEY\" '{base}/api/v1/users?q=ann'"),
            String::new(),
            "hanok user list".to_owned(),
        ),
        v,
        tabs: Tabs {
            l,
            here: Tab::Users,
        },
        create: create(v, l),
        invite: invite(v, l),
        pager: Pager {
            l,
            first: v.later.then(|| address(v, None)),
            next: v.next.as_deref().map(|after| address(v, Some(after))),
            shown: "",
        },
    };
    crate::ui::html(&page).0
}

fn address(v: &UsersView, after: Option<&str>) -> String {
    let mut out = format!("/admin/users?q={}", encode(&v.query.q));
    for (name, value) in [("role", &v.query.role), ("state", &v.query.state)] {
        if !value.is_empty() {
            out.push_str(&format!("&{name}={}", encode(value)));
        }
    }
    if let Some(after) = after {
        out.push_str(&format!("&after={}", encode(after)));
    }
    out
}

fn given<'v>(v: &'v UsersView, name: &str) -> &'v str {
    let found = v.given.iter().find(|(field, _)| *field == name);
    found.map_or("", |(_, value)| value.as_str())
}

fn roles(l: Lang) -> Control {
    let roles = ["user", "admin"].map(|role| Choice::new(role, l.word("role", role)));
    Control::Select(roles.to_vec())
}

fn create(v: &UsersView, l: Lang) -> Vec<Field> {
    let name = Field::new(
        "name",
        l.t("login.name"),
        l.t("register.name"),
        Control::UserName,
    );
    let email = Field::new(
        "email",
        l.t("account.email"),
        l.t("users.email.help"),
        Control::Email,
    );
    let role = Field::new(
        "role",
        l.t("account.role"),
        l.t("users.role.help"),
        roles(l),
    );
    vec![
        name.value(given(v, "name")).required().checked(&v.errors),
        email.value(given(v, "email")).checked(&v.errors),
        role.value(given(v, "role")).checked(&v.errors),
    ]
}

fn invite(v: &UsersView, l: Lang) -> Vec<Field> {
    let help = l.t("users.invite.help");
    let email = Field::new("invite_email", l.t("account.email"), help, Control::Email);
    let role = Field::new(
        "invite_role",
        l.t("account.role"),
        l.t("users.role.help"),
        roles(l),
    );
    vec![
        email.value(given(v, "invite_email")).checked(&v.errors),
        role,
    ]
}
