//! `eval.run`: base against tuned on rows that were not trained on, beside the floor that naive Bayes
//! sets on the same split. Base is the encoder alone: the label whose name is nearest to the text.

use hanok_domain::fault::Fault;
use hanok_models::{Classifier, Encoder, Features, LabelNames};
use hanok_protocol::job::{EvalResult, EvalSpec};
use hanok_train::TrainError;
use hanok_train::baseline::{NaiveBayes, majority};
use hanok_train::metrics::{compare, evaluate};
use serde_json::{Value, json};

use super::Stop;
use super::context::{Context, unwritable};
use super::rows::{self, LabelledText, Split};
use crate::host::{encoder, load};

/// Rows of each kind that the report shows.
const SHOWN: usize = 20;

/// Runs the evaluation.
pub fn run(context: &Context, spec: &EvalSpec) -> Result<EvalResult, Stop> {
    let Some(head) = &spec.model.head else {
        return Err(Fault::invalid("no_head", "Only a tuned model can be evaluated.").into());
    };
    let classifier = load(&spec.model.base_model, &context.get(head)?)?;
    let base = encoder(&spec.model.base_model)?;
    let mut split = rows::read(context, &spec.manifest, spec.held_out)?;
    if spec.all_rows {
        let trained_elsewhere = std::mem::take(&mut split.training);
        split.held_out.extend(trained_elsewhere);
    }
    if split.held_out.is_empty() {
        return Err(
            Fault::invalid("no_held_out_rows", "No row was held out to evaluate on.")
                .remedy("Hold out a larger share, or bring more rows.")
                .into(),
        );
    }
    context
        .reporter
        .log("info", format!("{} held-out rows", split.held_out.len()));
    let features = rows::features(context, &base, &split.held_out)?;
    let judged = Judged::new(&base, &classifier, &spec.manifest.labels, &split, &features)?;
    let report = judged.report(&spec.manifest.labels, &split)?;
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
    fn new(
        base: &Encoder,
        classifier: &Classifier,
        labels: &[String],
        split: &Split,
        features: &[Features],
    ) -> Result<Self, Fault> {
        let place = tuned_labels(classifier, labels)?;
        let names = LabelNames::new(base, labels);
        let gold: Vec<usize> = split.held_out.iter().map(|row| row.label).collect();
        let base = features
            .iter()
            .map(|f| highest(&names.similarity(&f.dense)))
            .collect();
        let tuned = features
            .iter()
            .map(|f| place[highest(&classifier.head().probabilities(f))])
            .collect();
        Ok(Self {
            gold,
            base,
            tuned,
            floors: floors(split, labels.len()),
        })
    }

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

/// Where each label of the model stands among the data set's.
fn tuned_labels(classifier: &Classifier, labels: &[String]) -> Result<Vec<usize>, Fault> {
    classifier
        .labels()
        .iter()
        .map(|label| {
            labels.iter().position(|l| l == label).ok_or_else(|| {
                Fault::invalid(
                    "label_mismatch",
                    format!("The model knows the label '{label}', the data set does not."),
                )
                .remedy("Evaluate on a data set with the labels that the model was trained on.")
            })
        })
        .collect()
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

/// Index of the highest score; the first of equals.
fn highest(scores: &[f32]) -> usize {
    let mut best = 0;
    for (i, score) in scores.iter().enumerate() {
        if *score > scores[best] {
            best = i;
        }
    }
    best
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
