//! A classifier against its base on held-out rows, beside the floor that naive Bayes sets on the same
//! split.

use hanok_domain::fault::Fault;
use hanok_protocol::job::{EvalResult, EvalSpec};
use hanok_train::TrainError;
use hanok_train::baseline::{NaiveBayes, majority};
use hanok_train::metrics::{compare, evaluate};
use serde_json::{Value, json};

use super::judges::ask;
use super::nothing_held_out;
use crate::jobs::Stop;
use crate::jobs::context::{Context, unwritable};
use crate::jobs::rows::{self, LabelledText, Split};

/// Rows of each kind that the report shows.
const SHOWN: usize = 20;

/// Runs the evaluation.
pub fn run(context: &Context, spec: &EvalSpec) -> Result<EvalResult, Stop> {
    let mut split = rows::read(context, &spec.manifest, spec.held_out)?;
    if spec.all_rows {
        let trained_elsewhere = std::mem::take(&mut split.training);
        split.held_out.extend(trained_elsewhere);
    }
    if split.held_out.is_empty() {
        return Err(nothing_held_out().into());
    }
    context
        .reporter
        .log("info", format!("{} held-out rows", split.held_out.len()));
    let labels = &spec.manifest.labels;
    let said = ask(context, spec, labels, &split.held_out)?;
    let judged = Judged {
        gold: split.held_out.iter().map(|row| row.label).collect(),
        base: said.base,
        tuned: said.tuned,
        floors: floors(&split, labels.len()),
    };
    let report = judged.report(labels, &split)?;
    Ok(EvalResult { report })
}

/// What each judge says of every held-out row, as indices into the data set's labels.
struct Judged {
    gold: Vec<usize>,
    base: Vec<usize>,
    tuned: Vec<usize>,
    /// Of naive Bayes and of the most frequent label; none when there are no training rows.
    floors: Option<(Vec<usize>, Vec<usize>)>,
}

impl Judged {
    fn report(&self, labels: &[String], split: &Split) -> Result<Value, Fault> {
        let of = |predicted: &[usize]| evaluate(&self.gold, predicted, labels).map_err(broken);
        let comparison = compare(&self.gold, &self.base, &self.tuned).map_err(broken)?;
        let floors = match &self.floors {
            Some((bayes, most)) => {
                json!({ "naive_bayes": of(bayes)?.accuracy, "majority": of(most)?.accuracy })
            }
            None => Value::Null,
        };
        serde_json::to_value(json!({
            "rows": self.gold.len(),
            "training_rows": split.training.len(),
            "labels": labels,
            "base": of(&self.base)?,
            "tuned": of(&self.tuned)?,
            "comparison": comparison,
            "floor": floors,
            "wins": self.samples(labels, split, |gold, base, tuned| tuned == gold && base != gold),
            "losses": self.samples(labels, split, |gold, base, tuned| tuned != gold && base == gold),
            "mistakes": self.samples(labels, split, |gold, _, tuned| tuned != gold),
        }))
        .map_err(unwritable)
    }

    /// Some rows of one kind, so that a person sees what the figures mean.
    fn samples(
        &self,
        labels: &[String],
        split: &Split,
        wanted: impl Fn(usize, usize, usize) -> bool,
    ) -> Vec<Value> {
        let rows = split.held_out.iter().enumerate();
        rows.filter(|(i, _)| wanted(self.gold[*i], self.base[*i], self.tuned[*i]))
            .take(SHOWN)
            .map(|(i, row)| {
                json!({
                    "text": shortened(row),
                    "gold": labels[self.gold[i]],
                    "base": labels[self.base[i]],
                    "tuned": labels[self.tuned[i]],
                })
            })
            .collect()
    }
}

fn floors(split: &Split, classes: usize) -> Option<(Vec<usize>, Vec<usize>)> {
    if split.training.is_empty() {
        return None;
    }
    let training: Vec<(&str, usize)> = split
        .training
        .iter()
        .map(|row| (row.text.as_str(), row.label))
        .collect();
    let bayes = NaiveBayes::fit(&training, classes);
    let most = majority(training.iter().map(|(_, label)| *label), classes);
    let rows = &split.held_out;
    Some((
        rows.iter().map(|row| bayes.predict(&row.text)).collect(),
        vec![most; rows.len()],
    ))
}

fn shortened(row: &LabelledText) -> String {
    let mut text: String = row.text.chars().take(200).collect();
    if text.len() < row.text.len() {
        text.push('…');
    }
    text
}

fn broken(error: TrainError) -> Fault {
    Fault::internal(format!("the evaluation could not be computed: {error}"))
}
