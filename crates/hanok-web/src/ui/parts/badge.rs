//! States as a word, a shape and a colour.

use askama::Template;

use crate::ui::assets;
use crate::ui::lang::Lang;

/// The four states that have a colour, and the quiet rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tone {
    /// At work.
    Running,
    /// Done, ready.
    Ok,
    /// Needs a look.
    Warn,
    /// Went wrong.
    Failed,
    /// Waiting, or over without a verdict.
    #[default]
    Quiet,
}

impl Tone {
    /// The tone of a state as it stands in rows; an unknown one is quiet.
    pub fn of_state(state: &str) -> Self {
        match state {
            "running" | "importing" | "starting" | "loading" => Self::Running,
            "ready" | "served" | "succeeded" | "second_on" => Self::Ok,
            "failed" | "broken" | "dead" => Self::Failed,
            "paused" | "stopping" | "lost" => Self::Warn,
            _ => Self::Quiet,
        }
    }

    /// The word in class names and in `icons.svg`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Failed => "failed",
            Self::Quiet => "quiet",
        }
    }
}

/// A state's badge.
#[derive(Debug, Template)]
#[template(path = "components/badge.html")]
pub struct Badge {
    tone: Tone,
    label: String,
    icons: String,
}

impl askama::filters::HtmlSafe for Badge {}

impl Badge {
    /// A badge of any tone and word.
    pub fn new(tone: Tone, label: impl Into<String>) -> Self {
        Self {
            tone,
            label: label.into(),
            icons: assets::path("icons.svg"),
        }
    }

    /// The badge of a state as it stands in rows.
    pub fn state(lang: Lang, state: &str) -> Self {
        Self::new(Tone::of_state(state), lang.word("state", state))
    }
}

impl Lang {
    /// The badge of a state, for templates.
    pub fn badge(self, state: &str) -> Badge {
        Badge::state(self, state)
    }
}
