//! Components: small templates that every page shares, each with its states.
//! They know no page and no use case; what they show is handed over as text and numbers.

mod badge;
mod field;
mod meter;
mod panel;

use std::fmt;

use askama::{FastWritable, Template, Values};

pub use badge::{Badge, Tone};
pub use field::{Choice, Control, Field, FieldError};
pub use meter::{Bars, Progress};
pub use panel::{CodeBlock, Confirm, Empty, FaultPanel, Pager, encode};

/// Markup that is finished: rendered by one of our own templates.
#[derive(Debug, Clone, Default)]
pub struct Html(pub String);

impl fmt::Display for Html {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FastWritable for Html {
    fn write_into(&self, dest: &mut dyn fmt::Write, _: &dyn Values) -> askama::Result<()> {
        dest.write_str(&self.0)?;
        Ok(())
    }
}

impl askama::filters::HtmlSafe for Html {}

/// The hidden token of a form.
#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<input type="hidden" name="csrf" value="{{ token }}">"#
)]
pub struct Csrf<'a> {
    /// The session's token.
    pub token: &'a str,
}
