//! What base and tuned say of texts. A base has not seen the labels: it takes the one whose name is nearest
//! to the text.

use std::sync::Arc;

use hanok_domain::fault::Fault;
use hanok_infer::{ClassifyModel, EmbedModel};
use hanok_models::{Classifier, Encoder, LabelNames};
use hanok_protocol::job::EvalSpec;

use crate::host::{load_head, starter_encoder};
use crate::jobs::Stop;
use crate::jobs::context::Context;
use crate::jobs::rows::{self, LabelledText};
use crate::models::unusable;

/// Texts given to a model at once.
const BATCH: usize = 64;

/// Indices into the data set's labels, of each held-out row.
pub struct Said {
    /// Of the base.
    pub base: Vec<usize>,
    /// Of the tuned model.
    pub tuned: Vec<usize>,
}

/// Asks both models.
pub fn ask(
    context: &Context,
    spec: &EvalSpec,
    labels: &[String],
    held_out: &[LabelledText],
) -> Result<Said, Stop> {
    match &spec.model.head {
        Some(head) => {
            let classifier = load_head(&spec.model.base_model, &context.get(head)?)?;
            let base = starter_encoder(&spec.model.base_model)?;
            of_heads(context, &base, &classifier, labels, held_out)
        }
        None => of_directories(context, spec, labels, held_out),
    }
}

fn of_heads(
    context: &Context,
    base: &Arc<Encoder>,
    classifier: &Classifier,
    labels: &[String],
    held_out: &[LabelledText],
) -> Result<Said, Stop> {
    let place = places(classifier.labels(), labels)?;
    let features = rows::features(context, base, held_out)?;
    let names = LabelNames::new(base, labels);
    Ok(Said {
        base: features
            .iter()
            .map(|f| highest(&names.similarity(&f.dense)))
            .collect(),
        tuned: features
            .iter()
            .map(|f| place[highest(&classifier.head().probabilities(f))])
            .collect(),
    })
}

fn of_directories(
    context: &Context,
    spec: &EvalSpec,
    labels: &[String],
    held_out: &[LabelledText],
) -> Result<Said, Stop> {
    let dir = context.base(&spec.base)?;
    let base = EmbedModel::load(&dir).map_err(|e| unusable(&e))?;
    let embed = |texts: &[&str]| {
        let found = base.embed(texts);
        found.map_err(|e| Fault::invalid("invalid_text", format!("A text: {e}.")))
    };
    let names: Vec<&str> = labels.iter().map(String::as_str).collect();
    let names = embed(&names)?.vectors;
    let mut said = Said {
        base: Vec::new(),
        tuned: Vec::new(),
    };
    for texts in held_out.chunks(BATCH) {
        context.check()?;
        let texts: Vec<&str> = texts.iter().map(|row| row.text.as_str()).collect();
        for vector in embed(&texts)?.vectors {
            let near: Vec<f32> = names.iter().map(|name| cosine(&vector, name)).collect();
            said.base.push(highest(&near));
        }
    }
    drop(base);
    let (dir, adapter) = context.model(&spec.model)?;
    let tuned = ClassifyModel::load(&dir, adapter.as_deref()).map_err(|e| unusable(&e))?;
    let place = places(tuned.labels(), labels)?;
    for texts in held_out.chunks(BATCH) {
        context.check()?;
        let texts: Vec<&str> = texts.iter().map(|row| row.text.as_str()).collect();
        for scores in tuned.classify(&texts).map_err(|e| unusable(&e))? {
            said.tuned.push(place[highest(&scores.probabilities)]);
        }
    }
    Ok(said)
}

/// Where each label of the model stands among the data set's.
fn places(known: &[String], labels: &[String]) -> Result<Vec<usize>, Fault> {
    known
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

fn cosine(a: &[f32], b: &[f32]) -> f32 {
    let dot: f32 = a.iter().zip(b).map(|(x, y)| x * y).sum();
    let length = |v: &[f32]| v.iter().map(|x| x * x).sum::<f32>().sqrt();
    dot / (length(a) * length(b)).max(f32::MIN_POSITIVE)
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
