//! The verification: every link is recomputed, a page of rows at a time, and compared with what is stored, with
//! the signed head, and with the heads that were kept elsewhere. Ends at the first bad row and names it.

use std::time::Instant;

use hanok_domain::fault::Fault;
use hanok_store::StoreError;
use hanok_store::rows::audit::{GENESIS, Head, Sealable};
use serde_json::json;

use super::diagnosis::diagnose;
use super::heads::HeadKey;
use super::keeping::Verified;
use super::seal::read_kept;
use super::{AuditFinding, AuditReport, Deed, record, record_system};
use crate::access::Caller;
use crate::studio::Studio;

/// Rows that are in memory at once.
const PAGE: u64 = 5_000;

/// The end of the chain as it was when the look began; what is sealed meanwhile is left for the next time.
struct End {
    head: Option<Head>,
    sealed: i64,
    unsealed: i64,
    last: i64,
}

/// A walk along the chain.
struct Walk<'a> {
    /// Heads to meet, in order.
    heads: &'a [Head],
    /// The place before, and its link.
    seq: i64,
    hash: String,
    /// The link before that one.
    earlier: Option<String>,
    bad: Option<AuditFinding>,
}

impl Studio {
    /// Verifies the chain and writes that it was done. `told` hears how many rows of how many.
    ///
    /// # Errors
    /// Only when rows cannot be read at all; what is wrong is in the report.
    pub async fn verify_audit(
        &self,
        caller: Option<&Caller>,
        told: &mut (dyn FnMut(i64, i64) + Send),
    ) -> Result<AuditReport, Fault> {
        let report = self.verify_chain(told).await?;
        let (codes, checked) = (codes(&report), report.checked);
        let (codes, clean) = (&codes, report.clean);
        let at: i64 = self
            .store()
            .write(|tx| async move {
                let detail = json!({ "clean": clean, "checked": checked, "findings": codes });
                let deed = match clean {
                    true => Deed::done("audit.verify", "audit", "log"),
                    false => Deed::failed("audit.verify"),
                };
                match caller {
                    Some(caller) => record(&tx, caller, deed.detail(detail)).await?,
                    None => record_system(&tx, deed.detail(detail)).await?,
                }
                tx.now().await
            })
            .await
            .map_err(|error: StoreError| Fault::from(error))?;
        self.audit_keeping().verified(Verified {
            at,
            report: report.clone(),
        });
        Ok(report)
    }

    /// The verification itself; writes nothing.
    pub(crate) async fn verify_chain(
        &self,
        told: &mut (dyn FnMut(i64, i64) + Send),
    ) -> Result<AuditReport, Fault> {
        let began = Instant::now();
        let heads = self.audit_keeping().heads().cloned();
        let mut findings = Vec::new();
        // Before the rows: a head is kept after its rows are committed, so it can only be older.
        let kept = match heads.clone() {
            None => Vec::new(),
            Some(heads) => read_kept(heads).await.unwrap_or_else(|why| {
                findings.push(AuditFinding::at("head_unkept", 0, None, why));
                Vec::new()
            }),
        };
        let end = self.chain_end().await?;
        let mut all = kept.clone();
        all.extend(end.head.clone());
        all.sort_by_key(|head| head.seq);
        if let Some(heads) = &heads {
            unsigned(&heads.key, &mut all, &mut findings);
        }
        let walk = self.walk(&all, end.last, told).await?;
        let checked = walk.seq;
        findings.extend(walk.bad);
        if findings.iter().all(|found| found.seq == 0) {
            findings.extend(wrong_end(&all, &end));
        }
        findings.sort_by_key(|found| if found.seq == 0 { i64::MAX } else { found.seq });
        Ok(AuditReport {
            object: "audit.report".to_owned(),
            clean: findings.is_empty(),
            sealed: end.sealed,
            unsealed: end.unsealed,
            gaps: end.last - end.sealed,
            checked,
            head: end.head.map(|head| head.seq),
            kept: kept.last().map(|head| head.seq),
            heads: kept.len() as u64,
            findings,
            seconds: began.elapsed().as_secs_f64(),
        })
    }

    async fn chain_end(&self) -> Result<End, Fault> {
        self.store()
            .read(|tx| async move {
                let head = tx.audit().head().await?;
                let (sealed, unsealed) = tx.audit().sealed_and_not().await?;
                let last = tx.audit().last_seq().await?;
                Ok(End {
                    head,
                    sealed,
                    unsealed,
                    last,
                })
            })
            .await
    }

    async fn walk<'a>(
        &self,
        heads: &'a [Head],
        last: i64,
        told: &mut (dyn FnMut(i64, i64) + Send),
    ) -> Result<Walk<'a>, Fault> {
        let mut walk = Walk {
            heads,
            seq: 0,
            hash: GENESIS.to_owned(),
            earlier: None,
            bad: None,
        };
        let mut page = self.chain_page(0).await?;
        while walk.bad.is_none() && walk.seq < last && !page.is_empty() {
            told(walk.seq, last);
            // The next rows are read while these are hashed.
            let next = self.chain_page(page[page.len() - 1].seq());
            let hashed = async {
                let page = std::mem::take(&mut page);
                tokio::task::spawn_blocking({
                    let (seq, hash) = (walk.seq, walk.hash.clone());
                    move || {
                        let step = hash_page(&page, seq, hash, last);
                        (page, step)
                    }
                })
                .await
            };
            let (next, hashed) = tokio::join!(next, hashed);
            let (done, step) =
                hashed.map_err(|e| Fault::internal(format!("the log was not hashed: {e}")))?;
            page = next?;
            walk.take(step, &done, &page);
        }
        told(walk.seq, last);
        Ok(walk)
    }

    async fn chain_page(&self, after: i64) -> Result<Vec<Sealable>, Fault> {
        self.store()
            .look(|tx| async move { Ok(tx.audit().sealed_after(after, PAGE).await?) })
            .await
    }
}

/// What came of hashing a page: how far it is right, and the links at each place of it.
struct Step {
    good: usize,
    hashes: Vec<String>,
    stopped: bool,
}

fn hash_page(page: &[Sealable], mut seq: i64, mut hash: String, last: i64) -> Step {
    let mut step = Step {
        good: 0,
        hashes: Vec::with_capacity(page.len()),
        stopped: false,
    };
    for row in page.iter().take_while(|row| row.seq() <= last) {
        let link = row.link(&hash, seq + 1);
        if row.seq() != seq + 1 || link != row.hash() {
            step.stopped = true;
            return step;
        }
        seq += 1;
        hash = link.clone();
        step.hashes.push(link);
        step.good += 1;
    }
    step
}

impl Walk<'_> {
    fn take(&mut self, step: Step, page: &[Sealable], next: &[Sealable]) {
        for (row, hash) in page.iter().zip(step.hashes) {
            self.earlier = Some(std::mem::replace(&mut self.hash, hash));
            self.seq = row.seq();
            if let Some(bad) = self.meet(row) {
                self.bad = Some(bad);
                return;
            }
        }
        if step.stopped {
            let rest: Vec<&Sealable> = page[step.good..].iter().chain(next).collect();
            let earlier = self.earlier.as_deref();
            self.bad = Some(diagnose(&rest, self.seq + 1, &self.hash, earlier));
        }
    }

    /// A chain that is right in itself may have been made anew: then it is not the one that was signed.
    fn meet(&mut self, row: &Sealable) -> Option<AuditFinding> {
        while let Some((head, rest)) = self.heads.split_first() {
            if head.seq > self.seq {
                return None;
            }
            self.heads = rest;
            if head.seq == self.seq && head.hash != self.hash {
                let text = "The chain up to here was made anew: this is not the row that a head was \
                            signed for.";
                return Some(AuditFinding::at(
                    "rewritten",
                    self.seq,
                    Some(row),
                    text.into(),
                ));
            }
        }
        None
    }
}

/// Takes out the heads that this installation did not sign.
fn unsigned(key: &HeadKey, heads: &mut Vec<Head>, findings: &mut Vec<AuditFinding>) {
    let (good, bad): (Vec<Head>, Vec<Head>) = heads.drain(..).partition(|head| key.holds(head));
    *heads = good;
    if let Some(first) = bad.first() {
        let text = format!(
            "{} of the heads, the first at {}, were not signed with this installation's key.",
            bad.len(),
            first.seq
        );
        findings.push(AuditFinding::at("head_signature", 0, None, text));
    }
}

/// What the end of a chain that is right in itself lacks, or has too much of.
fn wrong_end(heads: &[Head], end: &End) -> Option<AuditFinding> {
    let signed = heads.last().map_or(0, |head| head.seq);
    if signed > end.last {
        let text = format!(
            "The rows {} to {signed} at the end are missing: a head was signed for them.",
            end.last + 1
        );
        return Some(AuditFinding::at("removed", end.last + 1, None, text));
    }
    let Some(head) = &end.head else {
        let text = "There are sealed rows and no signed head of them.";
        let missing = end.last > 0;
        return missing.then(|| AuditFinding::at("head_missing", end.last, None, text.into()));
    };
    if end.last > head.seq {
        let text =
            "This row was inserted: its place is beyond the signed head, so no server sealed it.";
        return Some(AuditFinding::at(
            "inserted",
            head.seq + 1,
            None,
            text.into(),
        ));
    }
    None
}

fn codes(report: &AuditReport) -> Vec<String> {
    let findings = report.findings.iter();
    findings
        .map(|found| format!("{} at {}", found.code, found.seq))
        .collect()
}
