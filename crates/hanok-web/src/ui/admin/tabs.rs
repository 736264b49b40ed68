//! The pages of the room, above each of them.

use askama::Template;

use crate::ui::lang::Lang;

/// A page of the room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tab {
    /// `/admin/users`
    Users,
    /// `/admin/keys`
    Keys,
    /// `/admin/audit`
    Audit,
}

impl Tab {
    /// Every page that is built, in their order.
    pub const ALL: [Self; 3] = [Self::Users, Self::Keys, Self::Audit];

    /// Its address.
    pub fn href(self) -> &'static str {
        match self {
            Self::Users => "/admin/users",
            Self::Keys => "/admin/keys",
            Self::Audit => "/admin/audit",
        }
    }

    /// Its name.
    pub fn label(self, lang: Lang) -> &'static str {
        match self {
            Self::Users => lang.t("users.title"),
            Self::Keys => lang.t("keys.admin.title"),
            Self::Audit => lang.t("audit.title"),
        }
    }
}

/// The tabs of a page.
#[derive(Debug, Template)]
#[template(path = "admin/tabs.html")]
pub struct Tabs {
    /// The page's language.
    pub l: Lang,
    /// The page that is shown.
    pub here: Tab,
}

impl askama::filters::HtmlSafe for Tabs {}
