//! Rows of a data set version for training and evaluation: texts with the index of their class,
//! split by hash, as features. Features are computed on the threads granted.

use hanok_data::{ChunkRows, DataError, Row};
use hanok_domain::fault::Fault;
use hanok_models::{Encoder, Features};
use hanok_protocol::job::Manifest;

use super::Stop;
use super::context::Context;

/// A labelled text.
#[derive(Debug, Clone)]
pub struct LabelledText {
    /// The text.
    pub text: String,
    /// Index into the manifest's labels.
    pub label: usize,
}

/// Training and held-out rows.
pub struct Split {
    /// To train on.
    pub training: Vec<LabelledText>,
    /// Never trained on.
    pub held_out: Vec<LabelledText>,
}

/// Reads a classification data set and splits it by the hash of each text.
pub fn read(context: &Context, manifest: &Manifest, held_out: f64) -> Result<Split, Stop> {
    if manifest.kind != "classification" {
        return Err(Fault::invalid(
            "wrong_dataset_kind",
            format!(
                "A classifier is trained on text,label rows; this data set holds {}.",
                manifest.kind
            ),
        )
        .into());
    }
    let mut split = Split {
        training: Vec::new(),
        held_out: Vec::new(),
    };
    for chunk in &manifest.chunks {
        context.check()?;
        let bytes = context.get(&chunk.object)?;
        let rows = ChunkRows::open(bytes, &["text", "label"]).map_err(damaged)?;
        for row in rows {
            let row = labelled(row.map_err(damaged)?, &manifest.labels)?;
            if hanok_data::split::held_out(&row.text, held_out) {
                split.held_out.push(row);
            } else {
                split.training.push(row);
            }
        }
    }
    Ok(split)
}

fn labelled(row: Row, labels: &[String]) -> Result<LabelledText, Fault> {
    let mut cells = row.into_iter();
    let (Some(text), Some(label)) = (cells.next(), cells.next()) else {
        return Err(Fault::internal("a chunk's row has not two cells"));
    };
    match labels.binary_search(&label) {
        Ok(label) => Ok(LabelledText { text, label }),
        Err(_) => Err(Fault::internal(
            "a chunk holds a label that its manifest lacks",
        )),
    }
}

fn damaged(error: DataError) -> Fault {
    Fault::internal(error.to_string())
}

/// Features of every text, in order, computed on the threads granted.
pub fn features(
    context: &Context,
    encoder: &Encoder,
    rows: &[LabelledText],
) -> Result<Vec<Features>, Stop> {
    let share = rows.len().div_ceil(context.threads).max(1);
    let parts: Vec<Option<Vec<Features>>> = std::thread::scope(|scope| {
        let running: Vec<_> = rows
            .chunks(share)
            .map(|part| scope.spawn(|| part_features(context, encoder, part)))
            .collect();
        running
            .into_iter()
            .map(|thread| thread.join().unwrap_or(None))
            .collect()
    });
    let mut all = Vec::with_capacity(rows.len());
    for part in parts {
        context.check()?;
        all.extend(part.ok_or_else(|| Fault::internal("a feature thread panicked"))?);
    }
    Ok(all)
}

fn part_features(
    context: &Context,
    encoder: &Encoder,
    rows: &[LabelledText],
) -> Option<Vec<Features>> {
    let mut features = Vec::with_capacity(rows.len());
    for row in rows {
        if context.reporter.is_asked_to_stop() {
            return None;
        }
        features.push(encoder.features(&row.text));
    }
    Some(features)
}
