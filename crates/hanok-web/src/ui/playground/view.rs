//! What the playground shows.

use askama::Template;

use crate::ui::frame::{At, Frame, Section};
use crate::ui::lang::Lang;
use crate::ui::models::view::call_code;
use crate::ui::parts::Empty;

/// A model to talk to.
#[derive(Debug, Clone, Default)]
pub struct Speaker {
    /// The name to call it by.
    pub name: String,
    /// `decoder` or `classifier`.
    pub kind: String,
}

/// The page.
#[derive(Debug, Clone, Default)]
pub struct Playground {
    /// Models that answer, deployed ones first.
    pub speakers: Vec<Speaker>,
    /// The chosen one, by name; the first where it is empty.
    pub model: String,
}

#[derive(Template)]
#[template(path = "playground/page.html")]
struct Page<'a> {
    f: &'a Frame,
    l: Lang,
    at: At,
    v: &'a Playground,
}

impl Playground {
    fn empty(&self, l: Lang) -> Empty<'static> {
        Empty {
            icon: "playground",
            title: l.t("playground.empty.title"),
            text: l.t("playground.empty.text"),
            action: Some((l.t("deployments.empty.action"), "/models")),
            example: "",
        }
    }
}

/// The page.
pub fn render(v: &Playground, f: &Frame) -> String {
    let l = f.lang;
    let chosen = v.speakers.iter().find(|one| one.name == v.model);
    let mut at = At::room(Section::Playground, l);
    if let Some(speaker) = chosen.or(v.speakers.first()) {
        at = call_code(at, &f.base_url, &speaker.name, l.t("models.example"));
    }
    crate::ui::html(&Page { f, l, at, v }).0
}
