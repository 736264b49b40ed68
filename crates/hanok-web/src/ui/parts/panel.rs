//! Panels: nothing here yet, something went wrong, are you sure, code to copy, paging.

use askama::Template;
use hanok_domain::fault::Fault;

use crate::ui::assets;
use crate::ui::lang::Lang;

/// An empty list: what this is, one action, an example.
#[derive(Debug, Template)]
#[template(path = "components/empty.html")]
pub struct Empty<'a> {
    /// Picture in `icons.svg`.
    pub icon: &'a str,
    /// What is not there.
    pub title: &'a str,
    /// What it is for.
    pub text: &'a str,
    /// The one action: its words and its address.
    pub action: Option<(&'a str, &'a str)>,
    /// An example, as a command.
    pub example: &'a str,
}

impl askama::filters::HtmlSafe for Empty<'_> {}

impl Empty<'_> {
    fn icons(&self) -> String {
        assets::path("icons.svg")
    }
}

/// What happened, where, what to do.
#[derive(Debug, Template)]
#[template(path = "components/fault.html")]
pub struct FaultPanel<'a> {
    /// The page's language.
    pub l: Lang,
    /// What could not be done.
    pub title: &'a str,
    /// The fault.
    pub fault: &'a Fault,
    /// The file it is about, or empty.
    pub file: &'a str,
}

impl askama::filters::HtmlSafe for FaultPanel<'_> {}

/// A destructive act behind one more click; works without a script.
#[derive(Debug, Template)]
#[template(path = "components/confirm.html")]
pub struct Confirm<'a> {
    /// Where it is posted.
    pub action: String,
    /// The session's token.
    pub csrf: &'a str,
    /// On the first button.
    pub open: &'a str,
    /// The question, naming the thing and what can be undone.
    pub question: String,
    /// On the second button.
    pub button: &'a str,
}

impl askama::filters::HtmlSafe for Confirm<'_> {}

/// Code with a copy button.
#[derive(Debug, Template)]
#[template(path = "components/code.html")]
pub struct CodeBlock<'a> {
    /// The page's language.
    pub l: Lang,
    /// Its name: `curl`, `Python`.
    pub tool: &'a str,
    /// The code.
    pub text: &'a str,
}

impl askama::filters::HtmlSafe for CodeBlock<'_> {}

/// Paging by cursor: on to the next part, or back to the first.
#[derive(Debug, Template)]
#[template(path = "components/pager.html")]
pub struct Pager<'a> {
    /// The page's language.
    pub l: Lang,
    /// Address of the first part; none while it is shown.
    pub first: Option<String>,
    /// Address of the next part.
    pub next: Option<String>,
    /// What is shown, for example `rows 51–100 of 1,200`.
    pub shown: &'a str,
}

impl askama::filters::HtmlSafe for Pager<'_> {}

/// A value for a query string.
pub fn encode(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                out.push(char::from(byte));
            }
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}
