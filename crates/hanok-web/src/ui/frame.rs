//! What stands around every page: who is here, where they are, what the page's API call is.
//! The handlers fill a [`Frame`]; each page says itself where it is ([`At`]).

use super::assets;
use super::format::{exact, iso};
use super::lang::Lang;
use super::parts::{CodeBlock, Html, Tone};
use crate::rooms::Rooms;

/// Where the server runs, as the operator set it (`APP_ENV`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Environment {
    /// On a person's own machine.
    #[default]
    Development,
    /// A rehearsal of production.
    Staging,
    /// In earnest: shown in colour.
    Production,
}

impl Environment {
    /// The environment of an `APP_ENV` value.
    pub fn parse(text: &str) -> Self {
        match text {
            "production" => Self::Production,
            "staging" => Self::Staging,
            _ => Self::Development,
        }
    }

    /// The word in class names and message keys.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Development => "development",
            Self::Staging => "staging",
            Self::Production => "production",
        }
    }
}

/// A sentence about what was just done, shown once.
#[derive(Debug, Clone)]
pub struct Flash {
    /// How it went.
    pub tone: Tone,
    /// The sentence.
    pub text: String,
    /// Where to post to undo it.
    pub undo: Option<String>,
}

/// Everything around a page that the request tells.
#[derive(Debug, Clone, Default)]
pub struct Frame {
    /// The language of the page.
    pub lang: Lang,
    /// Name of the signed-in person; none before sign-in.
    pub user: Option<String>,
    /// Name of the project.
    pub project: String,
    /// Other projects that the session can go to: id and name.
    pub others: Vec<(String, String)>,
    /// Whether the person runs the installation.
    pub admin: bool,
    /// The environment badge.
    pub environment: Environment,
    /// Goes with every form that changes something.
    pub csrf: String,
    /// Path of the request, for the language switch.
    pub path: String,
    /// Address of the server as the person sees it, without a slash at the end.
    pub base_url: String,
    /// The time of the request, µs UTC.
    pub now: i64,
    /// What was just done.
    pub flash: Option<Flash>,
    /// Whether the API is described at `/docs`.
    pub docs: bool,
    /// The rooms that are open.
    pub rooms: Rooms,
    /// Whether mail goes out.
    pub mail: bool,
    /// Whether anybody may ask for an account.
    pub registration: bool,
    /// Fewest characters of a password.
    pub password_min: usize,
}

impl Frame {
    /// Address of a static file.
    pub fn asset(&self, name: &str) -> String {
        assets::path(name)
    }

    /// A moment, relative, with the exact one on hover.
    pub fn ago(&self, micros: impl std::borrow::Borrow<i64>) -> Html {
        let micros = *micros.borrow();
        Html(format!(
            r#"<time datetime="{}" title="{}">{}</time>"#,
            iso(micros),
            exact(micros),
            self.lang.relative(micros, self.now)
        ))
    }

    /// The hidden field of every form that changes something.
    pub fn csrf_field(&self) -> Html {
        super::html(&super::parts::Csrf { token: &self.csrf })
    }
}

/// A room of the left rail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Section {
    /// `/`
    Dashboard,
    /// `/datasets`
    Data,
    /// `/runs`
    Runs,
    /// `/models`
    Models,
    /// `/deployments`
    Deployments,
    /// `/playground`
    Playground,
    /// `/admin/…`, for those who run the installation.
    Admin,
}

impl Section {
    /// Every room that is built, in the order of the rail; the last is for administrators.
    pub const ALL: [Self; 7] = [
        Self::Dashboard,
        Self::Data,
        Self::Runs,
        Self::Models,
        Self::Deployments,
        Self::Playground,
        Self::Admin,
    ];

    /// Those that are open here and that this person sees.
    pub fn open(frame: &Frame) -> impl Iterator<Item = Self> {
        let open = |section: &Self| {
            frame.rooms.closed(section.href()).is_none() && (frame.admin || *section != Self::Admin)
        };
        Self::ALL.into_iter().filter(open)
    }

    /// Its address.
    pub fn href(self) -> &'static str {
        match self {
            Self::Dashboard => "/",
            Self::Data => "/datasets",
            Self::Runs => "/runs",
            Self::Models => "/models",
            Self::Deployments => "/deployments",
            Self::Playground => "/playground",
            Self::Admin => "/admin/audit",
        }
    }

    /// Its picture in `icons.svg`.
    pub fn icon(self) -> &'static str {
        match self {
            Self::Dashboard => "dashboard",
            Self::Data => "data",
            Self::Runs => "runs",
            Self::Models => "models",
            Self::Deployments => "deployments",
            Self::Playground => "playground",
            Self::Admin => "admin",
        }
    }

    /// Its name.
    pub fn label(self, lang: Lang) -> &'static str {
        match self {
            Self::Dashboard => lang.t("nav.dashboard"),
            Self::Data => lang.t("nav.data"),
            Self::Runs => lang.t("nav.runs"),
            Self::Models => lang.t("nav.models"),
            Self::Deployments => lang.t("nav.deployments"),
            Self::Playground => lang.t("nav.playground"),
            Self::Admin => lang.t("nav.admin"),
        }
    }
}

/// A step of the breadcrumb.
#[derive(Debug, Clone)]
pub struct Crumb {
    /// What it is called.
    pub label: String,
    /// Where it leads; none for the present page.
    pub href: Option<String>,
}

/// One way to do by program what the page shows.
#[derive(Debug, Clone)]
pub struct Sample {
    /// `curl`, `Python`, `CLI`.
    pub tool: &'static str,
    /// The text to copy.
    pub text: String,
}

impl Sample {
    /// The sample with its copy button.
    pub fn block(&self, l: Lang) -> CodeBlock<'_> {
        CodeBlock {
            l,
            tool: self.tool,
            text: &self.text,
        }
    }
}

/// Where a page is: title, room, breadcrumb, its code, its stream.
#[derive(Debug, Clone)]
pub struct At {
    /// Title of the window and last step of the breadcrumb.
    pub title: String,
    /// The room; none for pages outside.
    pub section: Option<Section>,
    /// The steps to here.
    pub crumbs: Vec<Crumb>,
    /// The "As code" drawer.
    pub code: Vec<Sample>,
    /// Address of the page's event stream.
    pub live: Option<String>,
}

impl At {
    /// The first page of a room.
    pub fn room(section: Section, lang: Lang) -> Self {
        Self {
            title: section.label(lang).to_owned(),
            section: Some(section),
            crumbs: Vec::new(),
            code: Vec::new(),
            live: None,
        }
    }

    /// A page within a room.
    pub fn within(section: Section, lang: Lang, title: impl Into<String>) -> Self {
        let title = title.into();
        let up = Crumb {
            label: section.label(lang).to_owned(),
            href: Some(section.href().to_owned()),
        };
        let here = Crumb {
            label: title.clone(),
            href: None,
        };
        Self {
            title,
            crumbs: vec![up, here],
            ..Self::room(section, lang)
        }
    }

    /// A page outside the rooms.
    pub fn outside(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            section: None,
            crumbs: Vec::new(),
            code: Vec::new(),
            live: None,
        }
    }

    /// Adds the "As code" drawer: a curl, a Python and, where there is one, a command line.
    #[must_use]
    pub fn code(mut self, curl: String, python: String, cli: String) -> Self {
        let samples = [("curl", curl), ("Python", python), ("CLI", cli)];
        let samples = samples.into_iter().filter(|(_, text)| !text.is_empty());
        self.code = samples.map(|(tool, text)| Sample { tool, text }).collect();
        self
    }

    /// Adds the page's stream, from the event after the cursor `after` on.
    #[must_use]
    pub fn live(mut self, path: &str, after: &str) -> Self {
        let mark = if path.contains('?') { '&' } else { '?' };
        self.live = Some(format!("{path}{mark}after={}", super::parts::encode(after)));
        self
    }

    /// Whether a room is the present one.
    pub fn is(&self, section: &Section) -> bool {
        self.section.as_ref() == Some(section)
    }
}
