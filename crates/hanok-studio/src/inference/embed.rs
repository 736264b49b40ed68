//! Texts become vectors.

use hanok_domain::fault::Fault;
use hanok_protocol::inference::{Embed, Embedded};
use hanok_protocol::model::ModelKind;

use super::Route;
use super::classify::check_texts;
use crate::access::Caller;
use crate::studio::Studio;

/// What to embed.
#[derive(Debug, Clone)]
pub struct EmbeddingRequest {
    /// Name or id of a model that answers.
    pub model: String,
    /// Texts.
    pub texts: Vec<String>,
    /// Length of the vectors wanted; the model's own without it.
    pub dimensions: Option<usize>,
    /// The request's id.
    pub request_id: String,
}

/// The answer.
#[derive(Debug, Clone)]
pub struct Embedding {
    /// The model's name.
    pub model: String,
    /// One for each text.
    pub vectors: Vec<Vec<f32>>,
    /// Tokens read.
    pub tokens: u64,
}

impl Studio {
    /// Turns texts into vectors; the usage row is written before the answer is given.
    pub async fn embed(
        &self,
        caller: &Caller,
        request: EmbeddingRequest,
    ) -> Result<Embedding, Fault> {
        check_texts(&request.texts)?;
        let (name, model) = self.callable(caller, &request.model).await?;
        if model.kind != ModelKind::Encoder {
            let text = format!("'{name}' is no encoder but a {}.", model.kind.as_str());
            return Err(Fault::invalid("not_an_encoder", text).field("model"));
        }
        let meter = self
            .meter(caller, &name, Route::Embeddings, request.request_id)
            .await?;
        let message = Embed {
            project: self.project_access(&caller.project_id).await?,
            model,
            texts: request.texts,
        };
        let path = "/v1/embed";
        let model = &message.model.id;
        let answer: Embedded = self.ask_host(caller, model, path, &message).await?;
        let mut vectors = answer.vectors;
        if let Some(wanted) = request.dimensions {
            shorten(&mut vectors, wanted)?;
        }
        meter.end(self, answer.tokens, 0, 200).await?;
        Ok(Embedding {
            model: name,
            vectors,
            tokens: answer.tokens,
        })
    }
}

/// Keeps the first numbers of each vector and gives it length 1 again.
fn shorten(vectors: &mut [Vec<f32>], wanted: usize) -> Result<(), Fault> {
    let own = vectors.first().map_or(0, Vec::len);
    if wanted == 0 || wanted > own {
        let text = format!("This model's vectors have {own} numbers; ask for 1 to {own}.");
        return Err(Fault::invalid("invalid_dimensions", text).field("dimensions"));
    }
    for vector in vectors {
        vector.truncate(wanted);
        let length = vector.iter().map(|x| x * x).sum::<f32>().sqrt();
        if length > 0.0 {
            vector.iter_mut().for_each(|x| *x /= length);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shortened_vectors_have_length_one() {
        let mut vectors = vec![vec![3.0, 4.0, 12.0], vec![0.0, 0.0, 1.0]];
        shorten(&mut vectors, 2).unwrap();
        assert_eq!(vectors, [vec![0.6, 0.8], vec![0.0, 0.0]]);
        assert!(shorten(&mut vectors, 3).is_err());
        assert!(shorten(&mut vectors, 0).is_err());
    }
}
