//! Progress of work, and shares as bars.

use askama::Template;

use crate::ui::format::Figure;
use crate::ui::lang::Lang;

/// Progress of a job; without a total it is shown as going on.
#[derive(Debug, Clone, Template)]
#[template(path = "components/progress.html")]
pub struct Progress {
    /// The page's language.
    pub l: Lang,
    /// What is being done, for a screen reader.
    pub label: String,
    /// How much is done.
    pub done: u64,
    /// How much there is.
    pub total: Option<u64>,
    /// What is counted: `steps`, `rows`, `bytes`.
    pub unit: String,
    /// Units or examples per second, with the name of what is counted.
    pub rate: Option<f64>,
    /// Tokens per second, for a model that reads tokens.
    pub tokens: Option<f64>,
    /// Seconds that remain.
    pub remaining: Option<f64>,
}

impl askama::filters::HtmlSafe for Progress {}

impl Progress {
    fn percent(&self) -> Option<u64> {
        let total = self.total.filter(|total| *total > 0)?;
        Some(self.done.min(total) * 100 / total)
    }

    fn amount(&self, n: impl Figure) -> String {
        match self.unit.as_str() {
            "bytes" => self.l.bytes(n),
            _ => self.l.num(n),
        }
    }

    fn unit_word(&self) -> String {
        match self.unit.as_str() {
            "bytes" => String::new(),
            unit => self.l.word("unit", unit),
        }
    }
}

/// A share with its count.
#[derive(Debug, Clone)]
pub struct Bar {
    /// What is counted.
    pub label: String,
    /// How many.
    pub count: u64,
    /// Width of the bar, percent of the longest.
    pub width: f64,
    /// Share of all.
    pub share: f64,
}

/// A distribution as a table with bars.
#[derive(Debug, Clone, Template)]
#[template(path = "components/bars.html")]
pub struct Bars {
    /// The page's language.
    pub l: Lang,
    /// What it shows.
    pub caption: String,
    /// Head of the first column.
    pub head: String,
    /// The bars.
    pub bars: Vec<Bar>,
}

impl askama::filters::HtmlSafe for Bars {}

impl Bars {
    /// A distribution of counts.
    pub fn new<'a>(
        l: Lang,
        caption: &str,
        head: &str,
        counts: impl Iterator<Item = (&'a str, u64)> + Clone,
    ) -> Self {
        let longest = counts.clone().map(|(_, n)| n).max().unwrap_or(0).max(1) as f64;
        let all = counts.clone().map(|(_, n)| n).sum::<u64>().max(1) as f64;
        let bars = counts.map(|(label, count)| Bar {
            label: label.to_owned(),
            count,
            width: (count as f64 / longest * 1000.0).round() / 10.0,
            share: count as f64 / all,
        });
        Self {
            l,
            caption: caption.to_owned(),
            head: head.to_owned(),
            bars: bars.collect(),
        }
    }
}
