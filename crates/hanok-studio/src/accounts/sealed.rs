//! Texts of accounts that are sealed before they go into a row. Does not own how, nor the key.

use hanok_domain::fault::Fault;

use crate::sealing::{self, Purpose, Sealer};

/// Where a sealed text belongs.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    /// What it is.
    pub(super) purpose: Purpose,
    /// Table.
    pub(super) table: &'a str,
    /// Column.
    pub(super) column: &'a str,
    /// The row's id.
    pub(super) row: &'a str,
}

impl<'a> Place<'a> {
    fn bound(&self) -> sealing::Place<'a> {
        sealing::Place {
            table: self.table,
            column: self.column,
            id: self.row,
        }
    }
}

/// Seals a text for its place.
pub(super) fn seal(sealer: &Sealer, place: Place<'_>, text: &str) -> Result<String, Fault> {
    sealer.seal(place.purpose, place.bound(), text.as_bytes())
}

/// Opens what was sealed for this place.
///
/// # Errors
/// What was sealed under another key or for another place, or was changed.
pub(super) fn open(sealer: &Sealer, place: Place<'_>, sealed: &str) -> Result<String, Fault> {
    let bytes = sealer.open(place.purpose, place.bound(), sealed)?;
    String::from_utf8(bytes).map_err(|_| Fault::internal("a sealed value is no text"))
}
