//! What the pages of keys show.

use askama::Template;
use hanok_domain::fault::Fault;

use crate::ui::admin::tabs::{Tab, Tabs};
use crate::ui::frame::{At, Frame, Section};
use crate::ui::lang::Lang;
use crate::ui::parts::{CodeBlock, Confirm, Control, FaultPanel, Field, Pager, encode};

/// Routes that a key can be bound to by a click: the field and the path.
pub const ROUTES: [(&str, &str); 7] = [
    ("route_chat", "/v1/chat/completions"),
    ("route_completions", "/v1/completions"),
    ("route_embeddings", "/v1/embeddings"),
    ("route_files", "/v1/files"),
    ("route_tuning", "/v1/fine_tuning"),
    ("route_datasets", "/api/v1/datasets"),
    ("route_runs", "/api/v1/runs"),
];

/// A key.
#[derive(Debug, Clone, Default)]
pub struct KeyRow {
    /// `key_…`.
    pub id: String,
    /// What it is for.
    pub name: String,
    /// Its first characters.
    pub prefix: String,
    /// What it may be used for.
    pub scopes: Vec<String>,
    /// The project that it opens.
    pub project: String,
    /// When it ends, µs.
    pub expires_at: Option<i64>,
    /// When it was last used, µs.
    pub last_used_at: Option<i64>,
    /// From where.
    pub from: String,
    /// Whether it was revoked.
    pub revoked: bool,
    /// Whether the person may end it.
    pub may_revoke: bool,
    /// Whether it stands for the person.
    pub own: bool,
}

/// A key that was just made.
#[derive(Debug, Clone, Default)]
pub struct Made {
    /// What it is for.
    pub name: String,
    /// The key itself.
    pub key: String,
}

/// The view.
#[derive(Debug, Clone, Default)]
pub struct Keys {
    /// The keys.
    pub rows: Vec<KeyRow>,
    /// Shown this once.
    pub made: Option<Made>,
    /// Why none was made.
    pub fault: Option<Fault>,
    /// What was typed as its name.
    pub name: String,
    /// Whether the person may make keys.
    pub may_edit: bool,
    /// Whether these are the keys of all projects.
    pub of_all: bool,
    /// Whether this is not the first part.
    pub later: bool,
    /// Cursor of the next part.
    pub next: Option<String>,
}

#[derive(Template)]
#[template(path = "keys/list.html")]
struct Page<'a> {
    f: &'a Frame,
    l: Lang,
    at: At,
    v: &'a Keys,
    tabs: Option<Tabs>,
    fields: Fields,
    pager: Pager<'a>,
}

struct Fields {
    name: Field,
    models: Field,
    days: Field,
    requests: Field,
    tokens: Field,
}

impl Keys {
    fn title(&self, l: Lang) -> &'static str {
        match self.of_all {
            true => l.t("keys.admin.title"),
            false => l.t("keys.title"),
        }
    }

    fn failure<'a>(&self, l: Lang, fault: &'a Fault) -> FaultPanel<'a> {
        FaultPanel {
            l,
            title: l.t("keys.failed"),
            fault,
            file: "",
        }
    }
}

impl Made {
    fn block(&self, l: Lang) -> CodeBlock<'_> {
        CodeBlock {
            l,
            tool: "API key",
            text: &self.key,
        }
    }
}

impl KeyRow {
    fn revoke<'a>(&self, l: Lang, f: &'a Frame, of_all: &bool) -> Confirm<'a> {
        let room = if *of_all { "/admin/keys" } else { "/keys" };
        Confirm {
            action: format!("{room}/{}/revoke", self.id),
            csrf: &f.csrf,
            open: l.t("keys.revoke"),
            question: l.t1("keys.revoke.question", &self.name),
            button: l.t("keys.revoke.button"),
        }
    }

    fn rotate<'a>(&self, l: Lang, f: &'a Frame) -> Confirm<'a> {
        Confirm {
            action: format!("/keys/{}/rotate", self.id),
            csrf: &f.csrf,
            open: l.t("keys.rotate"),
            question: l.t1("keys.rotate.question", &self.name),
            button: l.t("keys.rotate.button"),
        }
    }
}

fn fields(v: &Keys, l: Lang) -> Fields {
    let text = |placeholder: &str| Control::Text {
        placeholder: placeholder.to_owned(),
        max_length: 100,
    };
    let number = |max| Control::Number {
        min: "1",
        max,
        step: "1",
        placeholder: "",
    };
    Fields {
        name: Field::new("name", l.t("word.name"), l.t("keys.name.help"), text("ci"))
            .required()
            .value(&v.name),
        models: Field::new(
            "models",
            l.t("keys.models"),
            l.t("keys.models.help"),
            text(""),
        ),
        days: Field::new(
            "expires_in_days",
            l.t("keys.days"),
            l.t("keys.days.help"),
            number("3650"),
        ),
        requests: Field::new(
            "requests_per_minute",
            l.t("keys.requests"),
            "",
            number("1000000"),
        ),
        tokens: Field::new(
            "tokens_per_day",
            l.t("keys.tokens"),
            "",
            number("1000000000000"),
        ),
    }
}

/// The page.
pub fn render(v: &Keys, f: &Frame) -> String {
    let l = f.lang;
    let room = if v.of_all { "/admin/keys" } else { "/keys" };
    let base = &f.base_url;
    let at = match v.of_all {
        true => At::within(Section::Admin, l, v.title(l)),
        false => At::outside(v.title(l)).code(
            format!(
                "curl {base}/api/v1/keys -H \"Authorization: Bearer $HANOK_KEY\" \\\n  \
                 -H 'Content-Type: application/json' -d '{{\"name\": \"ci\", \"scopes\": [\"read-only\"]}}'"
            ),
            String::new(),
            "hanok key create --name ci --read-only".to_owned(),
        ),
    };
    let pager = Pager {
        l,
        first: v.later.then(|| room.to_owned()),
        next: v
            .next
            .as_ref()
            .map(|id| format!("{room}?after={}", encode(id))),
        shown: "",
    };
    crate::ui::html(&Page {
        f,
        l,
        at,
        v,
        tabs: v.of_all.then_some(Tabs { l, here: Tab::Keys }),
        fields: fields(v, l),
        pager,
    })
    .0
}
