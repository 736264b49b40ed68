//! One value of a row, exactly as it is stored, in the few kinds that both databases hold alike.

use sea_orm::{DbErr, QueryResult, Value};
use sha2::{Digest, Sha256};

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Int,
    Flag,
    Bytes,
}

/// A value or its absence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Cell {
    Text(Option<String>),
    Int(Option<i64>),
    Flag(Option<bool>),
    Bytes(Option<Vec<u8>>),
}

impl Cell {
    pub(super) fn read(row: &QueryResult, index: usize, kind: Kind) -> Result<Self, DbErr> {
        Ok(match kind {
            Kind::Text => Self::Text(row.try_get_by_index(index)?),
            Kind::Int => Self::Int(row.try_get_by_index(index)?),
            Kind::Flag => Self::Flag(row.try_get_by_index(index)?),
            Kind::Bytes => Self::Bytes(row.try_get_by_index(index)?),
        })
    }

    /// As a statement takes it; the absence of a value has a type too.
    pub(super) fn value(&self) -> Value {
        match self {
            Self::Text(value) => value.clone().into(),
            Self::Int(value) => (*value).into(),
            Self::Flag(value) => (*value).into(),
            Self::Bytes(value) => value.clone().into(),
        }
    }

    /// How much memory it takes, roughly.
    pub(super) fn weight(&self) -> usize {
        8 + match self {
            Self::Text(Some(text)) => text.len(),
            Self::Bytes(Some(bytes)) => bytes.len(),
            _ => 0,
        }
    }

    /// Whether this is text that PostgreSQL cannot hold.
    pub(super) fn has_nul(&self) -> bool {
        matches!(self, Self::Text(Some(text)) if text.contains('\0'))
    }

    /// Adds it to a digest, so that no two rows of different cells look alike.
    pub(super) fn digest(&self, digest: &mut Sha256) {
        let mut bytes = |tag: u8, value: &[u8]| {
            digest.update([tag]);
            digest.update(u64::try_from(value.len()).unwrap_or(u64::MAX).to_le_bytes());
            digest.update(value);
        };
        match self {
            Self::Text(Some(text)) => bytes(1, text.as_bytes()),
            Self::Int(Some(number)) => bytes(2, &number.to_le_bytes()),
            Self::Flag(Some(flag)) => bytes(3, &[u8::from(*flag)]),
            Self::Bytes(Some(content)) => bytes(4, content),
            _ => bytes(0, &[]),
        }
    }

    /// A part of a key; keys are texts and numbers.
    pub(super) fn json(&self) -> serde_json::Value {
        match self {
            Self::Text(value) => value.clone().into(),
            Self::Int(value) => (*value).into(),
            Self::Flag(_) | Self::Bytes(_) => serde_json::Value::Null,
        }
    }

    pub(super) fn of_json(kind: Kind, value: &serde_json::Value) -> Option<Self> {
        match kind {
            Kind::Text => value.as_str().map(|text| Self::Text(Some(text.to_owned()))),
            Kind::Int => value.as_i64().map(|number| Self::Int(Some(number))),
            Kind::Flag | Kind::Bytes => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(cells: &[Cell]) -> Vec<u8> {
        let mut digest = Sha256::new();
        for cell in cells {
            cell.digest(&mut digest);
        }
        digest.finalize().to_vec()
    }

    #[test]
    fn rows_of_different_cells_have_different_digests() {
        let text = |text: &str| Cell::Text(Some(text.to_owned()));
        let rows = [
            vec![text("ab"), text("c")],
            vec![text("a"), text("bc")],
            vec![text(""), text("abc")],
            vec![Cell::Text(None), text("abc")],
            vec![Cell::Int(Some(0)), text("abc")],
            vec![Cell::Flag(Some(false)), text("abc")],
        ];
        for (index, row) in rows.iter().enumerate() {
            for other in &rows[index + 1..] {
                assert_ne!(digest(row), digest(other), "{row:?} {other:?}");
            }
        }
    }

    #[test]
    fn keys_come_back_as_they_were() {
        for (kind, cell) in [
            (
                Kind::Text,
                Cell::Text(Some("\u{1f511} \"quoted\"".to_owned())),
            ),
            (Kind::Int, Cell::Int(Some(i64::MAX))),
            (Kind::Int, Cell::Int(Some(i64::MIN))),
        ] {
            let text = cell.json().to_string();
            let value = serde_json::from_str(&text).unwrap();
            assert_eq!(Cell::of_json(kind, &value), Some(cell));
        }
    }
}
