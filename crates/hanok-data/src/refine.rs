//! Cells of a file turned into those of a chunk, or the reason why a row cannot be used.

use crate::header;
use crate::imported::{Kind, LevelUsed};
use crate::messages;
use crate::roles::Roles;
use crate::rows::begins;

const COLUMNS_KEPT: usize = 32;

/// Why a readable row is left out.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Unusable {
    EmptyText,
    EmptyLabel,
    Unfit(String),
}

impl Unusable {
    pub(crate) fn reason(&self) -> &str {
        match self {
            Self::EmptyText => "the text is empty",
            Self::EmptyLabel => "the label is empty",
            Self::Unfit(reason) => reason,
        }
    }
}

/// Turns a file's cells into those of a chunk.
pub(crate) struct Refiner {
    pub(crate) roles: Roles,
    extras: Vec<usize>,
    /// Columns of the chunks.
    pub(crate) columns: Vec<String>,
    pub(crate) level: LevelUsed,
}

/// A row as it is written, and its text for figures.
pub(crate) struct Refined {
    pub(crate) cells: Vec<String>,
    pub(crate) text: Option<String>,
}

impl Refiner {
    pub(crate) fn new(roles: Roles, columns: &[String], notices: &mut Vec<String>) -> Self {
        let mut extras = (0..columns.len())
            .filter(|at| *at != roles.text && Some(*at) != roles.label)
            .collect::<Vec<_>>();
        if extras.len() > COLUMNS_KEPT {
            notices.push(format!(
                "The other {} columns were not kept: that is more than {COLUMNS_KEPT}.",
                extras.len()
            ));
            extras.clear();
        }
        let main: &[&str] = match roles.kind {
            Kind::Classification => &["text", "label"],
            Kind::Messages => &["messages"],
        };
        let names = main.iter().map(ToString::to_string);
        let names = names.chain(extras.iter().map(|at| columns[*at].clone()));
        let (columns, _) = header::unique(names.collect());
        Self {
            roles,
            extras,
            columns,
            level: LevelUsed::Full,
        }
    }

    pub(crate) fn refine(&self, mut cells: Vec<String>) -> Result<Refined, (Unusable, String)> {
        let Some(second) = self.roles.label else {
            let messages = std::mem::take(&mut cells[self.roles.text]);
            return match messages::check(&messages) {
                Ok(text) => Ok(self.with_extras(vec![messages], Some(text), cells)),
                Err(reason) => Err((Unusable::Unfit(reason), messages.chars().take(80).collect())),
            };
        };
        if cells[self.roles.text].trim().is_empty() {
            return Err((Unusable::EmptyText, begins(&cells)));
        }
        if cells[second].trim().is_empty() {
            return Err((Unusable::EmptyLabel, begins(&cells)));
        }
        let text = std::mem::take(&mut cells[self.roles.text]);
        let other = std::mem::take(&mut cells[second]);
        if self.roles.kind == Kind::Messages {
            let messages = messages::from_prompt(&text, &other);
            return Ok(self.with_extras(vec![messages], Some(text), cells));
        }
        let mut label = other.trim();
        if self.level == LevelUsed::Coarse {
            label = label.split(':').next().unwrap_or(label);
        }
        Ok(self.with_extras(vec![text, label.to_string()], None, cells))
    }

    fn with_extras(
        &self,
        mut row: Vec<String>,
        text: Option<String>,
        mut cells: Vec<String>,
    ) -> Refined {
        let extras = self.extras.iter().map(|at| std::mem::take(&mut cells[*at]));
        row.extend(extras);
        Refined { cells: row, text }
    }
}
