//! A page that goes on to another by itself.

use askama::Template;

use crate::ui::frame::{At, Frame, Section};
use crate::ui::lang::Lang;

/// What the page shows.
#[derive(Debug, Clone)]
pub struct OnwardView {
    /// Where it goes on: a path of ours, or the provider.
    pub to: String,
}

#[derive(Template)]
#[template(path = "oidc/onward.html")]
struct Page<'a> {
    f: &'a Frame,
    l: Lang,
    at: At,
    v: &'a OnwardView,
}

/// The page.
pub fn render(v: &OnwardView, f: &Frame) -> String {
    let l = f.lang;
    let at = At::outside(l.t("onward.title"));
    crate::ui::html(&Page { f, l, at, v }).0
}
