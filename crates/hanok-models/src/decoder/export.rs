//! The weights as they stand in files.

use super::Decoder;

impl Decoder {
    /// Every tensor by name and shape, in the order of [`crate::hf::decoder_tensors`]; without adapters.
    pub fn tensors(&self) -> impl Iterator<Item = (String, Vec<usize>, Vec<f32>)> + '_ {
        let all = crate::hf::decoder_tensors(&self.config);
        all.into_iter().map(|(name, shape)| {
            let values = self.tensor(&name).unwrap_or_default();
            (name, shape, values)
        })
    }

    fn tensor(&self, name: &str) -> Option<Vec<f32>> {
        match name {
            "model.embed_tokens.weight" => return Some(self.embed.weight()),
            "lm_head.weight" => return self.head.as_ref().map(|head| head.weight()),
            "model.norm.weight" => return Some(self.norm.weight.value.clone()),
            _ => {}
        }
        let (index, rest) = name.strip_prefix("model.layers.")?.split_once('.')?;
        let layer = self.layers.get(index.parse::<usize>().ok()?)?;
        let (module, kind) = rest.rsplit_once('.')?;
        if let Some((_, norm)) = layer.norms().into_iter().find(|(name, _)| *name == module) {
            return Some(norm.weight.value.clone());
        }
        let (_, linear) = layer
            .linears()
            .into_iter()
            .find(|(name, _)| *name == module)?;
        match kind {
            "weight" => Some(linear.weight()),
            _ => linear.bias.as_ref().map(|bias| bias.value.clone()),
        }
    }
}
