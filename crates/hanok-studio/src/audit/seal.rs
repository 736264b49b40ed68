//! The sealer: chains committed rows in batches, signs the end and keeps it elsewhere. Several servers of one
//! database may try at once; one does it.

use hanok_domain::fault::Fault;
use hanok_store::rows::audit::{GENESIS, Head, Link};
use hanok_store::{StoreError, Tx};

use super::heads::Heads;
use crate::studio::Studio;

/// Rows of one transaction.
const BATCH: u64 = 500;
/// Transactions of one call.
const MOST: usize = 200;

impl Studio {
    /// Seals what waits; says how many rows that was. Nothing without a key for heads.
    ///
    /// # Errors
    /// Of the database; rows that could not be sealed wait for the next call.
    pub async fn seal_audit(&self) -> Result<u64, Fault> {
        let Some(heads) = self.audit_keeping().heads() else {
            return Ok(0);
        };
        let mut sealed = 0;
        for _ in 0..MOST {
            let waits: Result<bool, StoreError> = self
                .store()
                .look(|tx| async move { tx.audit().any_unsealed().await })
                .await;
            if !waits? {
                break;
            }
            let batch = self
                .store()
                .write(|tx| async move { seal_batch(&tx, heads).await })
                .await;
            let batch = batch.inspect_err(|error: &StoreError| {
                if matches!(error, StoreError::Conflict(_)) {
                    let text = "A row cannot be sealed, since its place is taken by another.";
                    self.audit_keeping().alarm(text.to_owned());
                }
            })?;
            let Some(batch) = batch else {
                break;
            };
            if !batch.follows {
                let text = "The head in the database was not signed with this installation's key.";
                self.audit_keeping().alarm(text.to_owned());
            }
            sealed += batch.rows;
            self.keep_head(heads.clone(), batch.head).await;
        }
        Ok(sealed)
    }

    /// Compares the database's end of the chain with the one that was kept, as a server does when it starts.
    /// What is wrong is told in the log, by health and by the figures, and stops nobody.
    ///
    /// # Errors
    /// Of the database.
    pub async fn check_audit_head(&self) -> Result<(), Fault> {
        let Some(heads) = self.audit_keeping().heads() else {
            return Ok(());
        };
        let kept = match read_kept(heads.clone()).await {
            Ok(kept) => kept,
            Err(why) => {
                self.audit_keeping().alarm(why);
                return Ok(());
            }
        };
        let last = kept.last();
        let place = last.map_or(0, |head| head.seq);
        let (present, at_place) = self
            .store()
            .read(|tx| async move {
                let present = tx.audit().head().await?;
                let row = tx.audit().sealed_after(place - 1, 1).await?.pop();
                Ok::<_, StoreError>((present, row))
            })
            .await?;
        if let Some(present) = &present {
            self.audit_keeping().sealed(present.seq);
        }
        let hash = at_place.filter(|row| row.seq() == place);
        let hash = hash.as_ref().map(|row| row.hash());
        match compare(heads, last, present.as_ref(), hash) {
            Err(trouble) => self.audit_keeping().alarm(trouble),
            Ok(()) => {
                // A server that was killed between a batch and its line left it to the next one.
                if let Some(present) = present.filter(|head| head.seq > place) {
                    self.keep_head(heads.clone(), present).await;
                }
            }
        }
        Ok(())
    }

    async fn keep_head(&self, heads: Heads, head: Head) {
        self.audit_keeping().sealed(head.seq);
        let path = heads.path().display().to_string();
        let kept = tokio::task::spawn_blocking(move || heads.keep(&head)).await;
        let kept = kept.map_err(std::io::Error::other).and_then(|kept| kept);
        if let Err(error) = kept {
            let text = format!("The head cannot be kept in {path}: {error}.");
            self.audit_keeping().alarm(text);
        }
    }
}

/// The heads that were kept, in the order of their places.
pub(super) async fn read_kept(heads: Heads) -> Result<Vec<Head>, String> {
    let path = heads.path().display().to_string();
    let kept = tokio::task::spawn_blocking(move || heads.read()).await;
    let kept = kept.map_err(std::io::Error::other).and_then(|kept| kept);
    match kept {
        Ok(kept) => Ok(kept.heads),
        Err(error) => Err(format!("The heads in {path} cannot be read: {error}.")),
    }
}

/// What is wrong with the end of the chain; `hash` is the link at the place of the kept head.
fn compare(
    heads: &Heads,
    kept: Option<&Head>,
    present: Option<&Head>,
    hash: Option<&str>,
) -> Result<(), String> {
    let place = present.map_or(0, |head| head.seq);
    if present.is_some_and(|head| !heads.key.holds(head)) {
        return Err("The head in the database was not signed with this installation's key.".into());
    }
    let Some(kept) = kept else {
        return Ok(());
    };
    if !heads.key.holds(kept) {
        return Err("The kept head was not signed with this installation's key.".into());
    }
    if place < kept.seq {
        let text = "The database is behind the kept head: it ends at row";
        return Err(format!(
            "{text} {place} of the chain, the head at {}.",
            kept.seq
        ));
    }
    match hash == Some(kept.hash.as_str()) {
        true => Ok(()),
        false => Err(format!(
            "Row {} of the chain is not the one that the kept head was signed for.",
            kept.seq
        )),
    }
}

/// A batch that was sealed.
struct Batch {
    head: Head,
    rows: u64,
    /// Whether the head before it was ours.
    follows: bool,
}

/// Seals the oldest rows that wait; nothing where another server does it, or did it just now.
async fn seal_batch(tx: &Tx, heads: &Heads) -> Result<Option<Batch>, StoreError> {
    if !tx.audit().take_chain().await? {
        return Ok(None);
    }
    let before = tx.audit().head().await?;
    let rows = tx.audit().unsealed(BATCH).await?;
    if rows.is_empty() {
        return Ok(None);
    }
    let after = before.as_ref().map_or(0, |head| head.seq);
    let mut previous = before
        .as_ref()
        .map_or_else(|| GENESIS.to_owned(), |head| head.hash.clone());
    let mut links = Vec::with_capacity(rows.len());
    let mut seq = after;
    for row in &rows {
        seq += 1;
        previous = row.link(&previous, seq);
        links.push(Link {
            id: row.id().to_owned(),
            seq,
            hash: previous.clone(),
        });
    }
    let head = heads.key.sign(seq, &previous, tx.now().await?);
    tx.audit().seal(after, &links, &head).await?;
    Ok(Some(Batch {
        head,
        rows: links.len() as u64,
        follows: before.is_none_or(|head| heads.key.holds(&head)),
    }))
}
