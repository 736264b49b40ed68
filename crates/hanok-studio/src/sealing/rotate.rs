//! The change of the master key: every sealed value is opened and sealed anew, in batches, each in a
//! transaction. It can be stopped at any moment and run again; what is done is seen by the name of its key.

use std::collections::BTreeMap;

use hanok_domain::fault::Fault;
use hanok_store::rows::sealed::{SEALED, SealedColumn, SealedValue};
use serde::Serialize;

use super::{Place, Purpose, Sealer, text};
use crate::Studio;

/// Values of one transaction.
const BATCH: u64 = 200;

/// What a rotation did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Resealed {
    /// Values that are sealed anew.
    pub resealed: u64,
    /// Values that were under the present key already.
    pub current: u64,
}

/// How many values of a column are sealed under a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SealedUnder {
    /// Table.
    pub table: &'static str,
    /// Column.
    pub column: &'static str,
    /// The key's name; none: not sealed by us.
    pub key: Option<String>,
    /// Whether one of the keys that are set opens it.
    pub opens: bool,
    /// How many.
    pub values: u64,
}

impl Studio {
    /// Seals every value anew that is not sealed under the present key.
    ///
    /// # Errors
    /// A value whose key is not set, or that does not open; what was done until then stays done.
    pub async fn rotate_secrets(&self) -> Result<Resealed, Fault> {
        self.rotate_columns(SEALED).await
    }

    /// [`Self::rotate_secrets`] for these columns.
    ///
    /// # Errors
    /// As there.
    pub async fn rotate_columns(&self, columns: &[SealedColumn]) -> Result<Resealed, Fault> {
        let mut done = Resealed::default();
        for column in columns {
            let purpose = purpose_of(column)?;
            let mut after = String::new();
            loop {
                let step = self.rotate_batch(column, purpose, &after).await?;
                done.resealed += step.0.resealed;
                done.current += step.0.current;
                match step.1 {
                    Some(last) => after = last,
                    None => break,
                }
            }
        }
        Ok(done)
    }

    /// One batch, and the id to go on after.
    async fn rotate_batch(
        &self,
        column: &SealedColumn,
        purpose: Purpose,
        after: &str,
    ) -> Result<(Resealed, Option<String>), Fault> {
        let sealer = &self.secrets().sealer;
        self.store()
            .write(|tx| async move {
                let mut done = Resealed::default();
                let page = tx.sealed().page(column, after, BATCH).await?;
                for value in &page {
                    if sealer.is_current(&value.text) {
                        done.current += 1;
                        continue;
                    }
                    let anew = reseal(sealer, purpose, column, value)?;
                    // Who changed it since then sealed it under the present key.
                    if tx.sealed().replace(column, value, &anew).await? {
                        done.resealed += 1;
                    }
                }
                Ok((done, page.into_iter().next_back().map(|value| value.id)))
            })
            .await
    }

    /// How many values are sealed under which key.
    ///
    /// # Errors
    /// The database.
    pub async fn sealed_under(&self) -> Result<Vec<SealedUnder>, Fault> {
        self.columns_under(SEALED).await
    }

    /// [`Self::sealed_under`] for these columns.
    ///
    /// # Errors
    /// As there.
    pub async fn columns_under(&self, columns: &[SealedColumn]) -> Result<Vec<SealedUnder>, Fault> {
        let mut found = Vec::new();
        for column in columns {
            let mut counts: BTreeMap<Option<String>, u64> = BTreeMap::new();
            let mut after = String::new();
            loop {
                let page = self
                    .store()
                    .look(|tx| async move { tx.sealed().page(column, &after, BATCH).await })
                    .await?;
                for value in &page {
                    *counts.entry(text::key_of(&value.text)).or_default() += 1;
                }
                match page.into_iter().next_back() {
                    Some(last) => after = last.id,
                    None => break,
                }
            }
            let sealer = &self.secrets().sealer;
            found.extend(counts.into_iter().map(|(key, values)| SealedUnder {
                table: column.table,
                column: column.column,
                opens: key.as_ref().is_some_and(|key| sealer.knows(key)),
                key,
                values,
            }));
        }
        Ok(found)
    }

    /// Refuses to work with keys that do not open what is sealed.
    ///
    /// # Errors
    /// The name of a key that is missing.
    pub async fn check_sealed(&self) -> Result<(), Fault> {
        let found = self.sealed_under().await?;
        let stranger = found.iter().find(|under| !under.opens);
        let Some(SealedUnder {
            table, column, key, ..
        }) = stranger
        else {
            return Ok(());
        };
        let key = key.as_deref().unwrap_or("(none)");
        Err(self
            .secrets()
            .sealer
            .missing(&format!("{table}.{column}"), key))
    }
}

fn purpose_of(column: &SealedColumn) -> Result<Purpose, Fault> {
    Purpose::named(column.purpose).ok_or_else(|| {
        let SealedColumn {
            table,
            column,
            purpose,
            ..
        } = column;
        Fault::internal(format!(
            "{table}.{column} is sealed for '{purpose}', which is no purpose"
        ))
    })
}

fn reseal(
    sealer: &Sealer,
    purpose: Purpose,
    column: &SealedColumn,
    value: &SealedValue,
) -> Result<String, Fault> {
    let place = Place {
        table: column.table,
        column: column.column,
        id: &value.id,
    };
    let open = sealer.open(purpose, place, &value.text)?;
    sealer.seal(purpose, place, &open)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sealed_column_has_a_purpose() {
        for column in SEALED {
            purpose_of(column).unwrap();
        }
    }
}
