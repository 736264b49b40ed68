//! The reading that decides: every row is refined as it will be written, counted, and only if
//! the whole passes is anything written.

use std::collections::{BTreeMap, BTreeSet};

use crate::decode::Source;
use crate::error::DataError;
use crate::figures::{Duplicates, Lengths, Letters};
use crate::imported::{Kind, LabelCount, LevelUsed, Rejected, Statistics};
use crate::options::LabelLevel;
use crate::plan::Plan;
use crate::refine::{Refined, Refiner, Unusable};
use crate::rows::{Broken, Flaw};
use crate::survey::MAX_LABELS;

const REJECTED_SHOWN: usize = 100;

/// What the deciding reading found.
#[derive(Default)]
pub(crate) struct Tally {
    pub(crate) rows: u64,
    pub(crate) rejected: Vec<Rejected>,
    pub(crate) rejected_total: u64,
    pub(crate) flaws: BTreeMap<Flaw, (u64, u64, String)>,
    pub(crate) labels: BTreeMap<String, u64>,
    lengths: Lengths,
    pub(crate) duplicates: Duplicates,
    letters: Letters,
    pub(crate) empty_texts: u64,
    pub(crate) empty_labels: u64,
    /// Conversations that cannot be trained on.
    pub(crate) unfit: u64,
    pub(crate) ignored_members: u64,
}

/// Reads everything and counts.
pub(crate) fn tally(
    source: &mut Source<'_>,
    plan: &Plan,
    refiner: &Refiner,
) -> Result<Tally, DataError> {
    let mut tally = Tally::default();
    let mut rows = plan.rows(source)?;
    while let Some(row) = rows.next()? {
        match row.cells {
            Ok(cells) => match refiner.refine(cells) {
                Ok(refined) => tally.keep(&refined, refiner.roles.kind),
                Err((why, sample)) => tally.leave_out(row.number, row.offset, &why, sample),
            },
            Err(broken) => tally.broken(row.number, row.offset, broken),
        }
        if tally.labels.len() > 10 * MAX_LABELS {
            break;
        }
    }
    tally.ignored_members = rows.ignored_members;
    Ok(tally)
}

impl Tally {
    fn keep(&mut self, row: &Refined, kind: Kind) {
        self.rows += 1;
        let text = row.text.as_deref().unwrap_or(&row.cells[0]);
        self.lengths.add(text.chars().count() as u64);
        self.duplicates.add(text);
        self.letters.add(text);
        if kind == Kind::Messages {
            return;
        }
        match self.labels.get_mut(&row.cells[1]) {
            Some(count) => *count += 1,
            None => {
                self.labels.insert(row.cells[1].clone(), 1);
            }
        }
    }

    fn leave_out(&mut self, row: u64, offset: u64, why: &Unusable, sample: String) {
        self.empty_texts += u64::from(*why == Unusable::EmptyText);
        self.empty_labels += u64::from(*why == Unusable::EmptyLabel);
        self.unfit += u64::from(matches!(why, Unusable::Unfit(_)));
        self.reject(row, offset, why.reason().to_string(), sample);
    }

    fn broken(&mut self, row: u64, offset: u64, broken: Broken) {
        let reason = broken.reason.clone();
        self.flaws.entry(broken.flaw).or_insert((0, row, reason)).0 += broken.lines;
        self.reject(row, offset, broken.reason, broken.sample);
    }

    fn reject(&mut self, row: u64, offset: u64, reason: String, sample: String) {
        self.rejected_total += 1;
        if self.rejected.len() < REJECTED_SHOWN {
            self.rejected.push(Rejected {
                row,
                offset,
                reason,
                sample,
            });
        }
    }

    /// Whether labels are all `COARSE:fine`, with fewer coarse ones: then the coarse are kept,
    /// unless the options say otherwise.
    pub(crate) fn level(&mut self, wanted: LabelLevel, notices: &mut Vec<String>) -> LevelUsed {
        let coarse = self.labels.keys().map(|label| match label.split_once(':') {
            Some((coarse, fine))
                if !coarse.is_empty() && !fine.is_empty() && !fine.contains(':') =>
            {
                (!label.contains(char::is_whitespace)).then_some(coarse)
            }
            _ => None,
        });
        let Some(coarse) = coarse.collect::<Option<BTreeSet<&str>>>() else {
            return LevelUsed::Full;
        };
        let (coarse, full) = (coarse.len(), self.labels.len());
        if wanted == LabelLevel::Full || coarse < 2 || coarse == full {
            return LevelUsed::Full;
        }
        notices.push(format!(
            "The {full} labels have two levels (COARSE:fine); the {coarse} coarse ones were kept. Give --label-level full to keep all."
        ));
        let mut merged = BTreeMap::new();
        for (label, count) in std::mem::take(&mut self.labels) {
            let coarse = label.split(':').next().unwrap_or(&label).to_string();
            *merged.entry(coarse).or_default() += count;
        }
        self.labels = merged;
        LevelUsed::Coarse
    }

    pub(crate) fn statistics(&self) -> Statistics {
        let labels = self.labels.iter().map(|(label, count)| LabelCount {
            label: label.clone(),
            count: *count,
        });
        Statistics {
            labels: labels.collect(),
            text_chars: self.lengths.summary(),
            duplicates: self.duplicates.total(),
            empty_texts: self.empty_texts,
            empty_labels: self.empty_labels,
            single_row_labels: self.labels.values().filter(|count| **count == 1).count() as u64,
            hangul_share: self.letters.hangul_share(),
        }
    }
}
