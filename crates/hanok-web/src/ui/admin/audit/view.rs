//! What the page of the audit log shows.

use askama::Template;
use hanok_domain::fault::Fault;
use hanok_studio::audit::{AuditQuery, AuditView, Head, OUTCOMES, Verified, actions};

use crate::ui::admin::tabs::{Tab, Tabs};
use crate::ui::format::micros;
use crate::ui::frame::{At, Frame, Section};
use crate::ui::lang::Lang;
use crate::ui::parts::{Badge, Choice, Empty, FaultPanel, Html, Pager, Tone, encode};
use crate::ui::shell::{literal, quote};

/// How the chain stands.
#[derive(Debug, Clone, Default)]
pub struct Seal {
    /// Its signed end.
    pub head: Option<Head>,
    /// What is wrong with it, as far as the server saw.
    pub trouble: Option<String>,
    /// The last verification.
    pub verified: Option<Verified>,
}

/// The page.
#[derive(Debug, Clone, Default)]
pub struct AuditLog {
    /// The rows.
    pub rows: Vec<AuditView>,
    /// Whether this is not the first part.
    pub later: bool,
    /// Cursor of the next part.
    pub next: Option<String>,
    /// The filters.
    pub query: AuditQuery,
    /// How the chain stands.
    pub seal: Seal,
    /// What is wrong with a filter.
    pub fault: Option<Fault>,
}

#[derive(Template)]
#[template(path = "admin/audit.html")]
struct Page<'a> {
    f: &'a Frame,
    l: Lang,
    at: At,
    v: &'a AuditLog,
    tabs: Tabs,
    pager: Pager<'a>,
    actions: Vec<Choice>,
    outcomes: Vec<Choice>,
}

impl AuditLog {
    fn empty(&self, l: Lang) -> Empty<'static> {
        let (title, text) = match self.query.is_all() {
            true => (l.t("audit.empty.title"), l.t("audit.empty.text")),
            false => (l.t("audit.nothing.title"), l.t("audit.nothing.text")),
        };
        Empty {
            icon: "admin",
            title,
            text,
            action: (!self.query.is_all()).then(|| (l.t("word.all"), "/admin/audit")),
            example: "hanok audit list",
        }
    }

    fn failure<'a>(&self, l: Lang, fault: &'a Fault) -> FaultPanel<'a> {
        FaultPanel {
            l,
            title: l.t("audit.fault"),
            fault,
            file: "",
        }
    }

    /// The filters as a query, for links.
    fn filters(&self) -> String {
        let parts = self.said().into_iter();
        let parts: Vec<String> = parts
            .map(|(name, value)| format!("{name}={}", encode(value)))
            .collect();
        parts.join("&")
    }

    fn said(&self) -> Vec<(&'static str, &str)> {
        let q = &self.query;
        let all = [
            ("action", q.action.as_str()),
            ("actor", q.actor.as_str()),
            ("project", q.project.as_str()),
            ("object", q.object.as_str()),
            ("outcome", q.outcome.as_str()),
            ("since", q.since.as_str()),
            ("until", q.until.as_str()),
            ("text", q.text.as_str()),
        ];
        all.into_iter().filter(|(_, v)| !v.is_empty()).collect()
    }

    fn export(&self, format: &str) -> String {
        let filters = self.filters();
        let joint = if filters.is_empty() { "" } else { "&" };
        format!("/api/v1/audit/export?format={format}{joint}{filters}")
    }
}

impl Page<'_> {
    /// The badge of an outcome.
    fn badge(&self, row: &AuditView) -> Badge {
        let tone = match row.outcome.as_str() {
            "done" => Tone::Ok,
            "denied" => Tone::Failed,
            "failed" => Tone::Warn,
            _ => Tone::Quiet,
        };
        Badge::new(tone, self.l.word("outcome", &row.outcome))
    }

    /// The rows of a detail that say something.
    fn facts(&self, row: &AuditView) -> Vec<(&'static str, String)> {
        let l = self.l;
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        let detail = match &row.detail {
            serde_json::Value::Null => String::new(),
            detail => detail.to_string(),
        };
        let seq = row.seq.map(|n| n.to_string()).unwrap_or_default();
        let all = vec![
            (l.t("audit.at"), row.at.clone()),
            (l.t("audit.id"), row.id.clone()),
            (l.t("audit.actor"), text(&row.actor_id)),
            (l.t("audit.credential"), text(&row.credential_id)),
            (l.t("audit.object"), text(&row.object_id)),
            (l.t("audit.project"), text(&row.project)),
            (l.t("audit.address"), row.address.clone()),
            (l.t("audit.client"), row.user_agent.clone()),
            (l.t("audit.request"), row.request_id.clone()),
            (l.t("audit.detail"), detail),
            (l.t("audit.seq"), seq),
            (l.t("audit.hash"), text(&row.hash)),
        ];
        all.into_iter().filter(|(_, v)| !v.is_empty()).collect()
    }

    fn who(&self, row: &AuditView) -> String {
        match row.actor_name.is_empty() {
            true => self.l.word("actor", &row.actor),
            false => row.actor_name.clone(),
        }
    }

    fn ago(&self, row: &AuditView) -> Html {
        self.f.ago(micros(&row.at))
    }

    fn word(&self, id: &str) -> String {
        encode(id)
    }

    /// What was verified, in a sentence.
    fn verdict(&self, verified: &Verified) -> String {
        let report = &verified.report;
        match report.findings.first() {
            None => {
                let checked = self.l.num(report.checked.unsigned_abs());
                self.l.t1("audit.clean", checked)
            }
            Some(found) => found.message.clone(),
        }
    }
}

fn code(v: &AuditLog, f: &Frame) -> (String, String, String) {
    let base = &f.base_url;
    let filters = v.filters();
    let path = match filters.is_empty() {
        true => "/api/v1/audit".to_owned(),
        false => format!("/api/v1/audit?{filters}"),
    };
    let url = quote(&format!("{base}{path}"));
    let flags = v.said().into_iter();
    let flags: String = flags
        .map(|(name, value)| format!(" --{name} {}", quote(value)))
        .collect();
    (
        format!("curl {url} \\\n  -H \"Authorization: Bearer $HANOK_KEY\""),
        format!(
            "import os, requests\n\nrows = requests.get(\n    {},\n    headers={{\"Authorization\": f\"Bearer {{os.environ['HANOK_KEY']}}\"}},\n).json()[\"data\"]",
            literal(&format!("{base}{path}"))
        ),
        format!("hanok audit list{flags}\nhanok audit verify"),
    )
}

fn choices(any: &str, words: impl Iterator<Item = (String, String)>) -> Vec<Choice> {
    let any = (String::new(), any.to_owned());
    std::iter::once(any)
        .chain(words)
        .map(|(value, label)| Choice { value, label })
        .collect()
}

/// The page.
pub fn render(v: &AuditLog, f: &Frame) -> String {
    let l = f.lang;
    let (curl, python, cli) = code(v, f);
    let at = At::within(Section::Admin, l, l.t("audit.title")).code(curl, python, cli);
    let filters = v.filters();
    let joint = if filters.is_empty() { "" } else { "&" };
    let pager = Pager {
        l,
        first: v.later.then(|| format!("/admin/audit?{filters}")),
        next: v
            .next
            .as_ref()
            .map(|after| format!("/admin/audit?{filters}{joint}after={}", encode(after))),
        shown: "",
    };
    let names = actions::ACTIONS.iter();
    let names = names.map(|action| (action.name.to_owned(), action.name.to_owned()));
    let ended = OUTCOMES.iter().map(|outcome| {
        let word = outcome.as_str();
        (word.to_owned(), l.word("outcome", word))
    });
    crate::ui::html(&Page {
        f,
        l,
        at,
        v,
        tabs: Tabs {
            l,
            here: Tab::Audit,
        },
        pager,
        actions: choices(l.t("audit.any"), names),
        outcomes: choices(l.t("audit.any"), ended),
    })
    .0
}
