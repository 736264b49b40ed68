//! The weights as they stand in files.

use hanok_nn::{LayerNorm, Linear};

use super::Bert;
use super::adapter::bias;

impl Bert {
    /// Every tensor by name and shape, in the order of [`crate::hf::bert_tensors`]; without adapters.
    pub fn tensors(&self) -> impl Iterator<Item = (String, Vec<usize>, Vec<f32>)> + '_ {
        let all = crate::hf::bert_tensors(&self.config);
        all.into_iter().map(|(name, shape)| {
            let values = self.tensor(&name).unwrap_or_default();
            (name, shape, values)
        })
    }

    /// One tensor by its name.
    pub fn tensor(&self, name: &str) -> Option<Vec<f32>> {
        let (module, kind) = name.rsplit_once('.')?;
        match module {
            "embeddings.word_embeddings" => return Some(self.words.value.clone()),
            "embeddings.position_embeddings" => return Some(self.positions.value.clone()),
            "embeddings.token_type_embeddings" => return Some(self.types.value.clone()),
            "embeddings.LayerNorm" => return of_norm(&self.norm, kind),
            "pooler.dense" => return of_linear(self.pooler.as_ref()?, kind),
            "classifier" => return of_linear(self.classifier.as_ref()?, kind),
            _ => {}
        }
        let (index, module) = module.strip_prefix("encoder.layer.")?.split_once('.')?;
        let layer = self.layers.get(index.parse::<usize>().ok()?)?;
        if let Some((_, norm)) = layer.norms().into_iter().find(|(name, _)| *name == module) {
            return of_norm(norm, kind);
        }
        let (_, linear) = layer
            .linears()
            .into_iter()
            .find(|(name, _)| *name == module)?;
        of_linear(linear, kind)
    }
}

fn of_norm(norm: &LayerNorm, kind: &str) -> Option<Vec<f32>> {
    match kind {
        "weight" => Some(norm.weight.value.clone()),
        _ => Some(norm.bias.value.clone()),
    }
}

fn of_linear(linear: &Linear, kind: &str) -> Option<Vec<f32>> {
    match kind {
        "weight" => Some(linear.weight()),
        _ => bias(linear),
    }
}
