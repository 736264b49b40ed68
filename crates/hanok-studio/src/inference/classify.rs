//! Texts are classified.

use hanok_domain::fault::Fault;
use hanok_domain::id;
use hanok_protocol::inference::{Classified, Classify, Scores};
use hanok_protocol::model::ModelKind;

use super::{MAX_TEXTS, Route};
use crate::access::Caller;
use crate::studio::Studio;

/// What to classify.
#[derive(Debug, Clone)]
pub struct Inference {
    /// Name or id of a model that answers.
    pub model: String,
    /// Texts.
    pub texts: Vec<String>,
    /// Over which surface.
    pub route: Route,
    /// The request's id.
    pub request_id: String,
}

/// The answer.
#[derive(Debug, Clone)]
pub struct Classification {
    /// Id of the answer.
    pub id: String,
    /// The model's name.
    pub model: String,
    /// One for each text.
    pub results: Vec<Scores>,
    /// Tokens read.
    pub tokens: u64,
    /// Tokens of the answer: one label for each text, when the answer is a chat.
    pub completion_tokens: u64,
}

impl Studio {
    /// Classifies texts with a model that answers; the usage row is written before the answer is given.
    pub async fn classify(
        &self,
        caller: &Caller,
        request: Inference,
    ) -> Result<Classification, Fault> {
        check_texts(&request.texts)?;
        let (name, model) = self.callable(caller, &request.model).await?;
        if model.kind != ModelKind::Classifier {
            let text = format!("'{name}' is no classifier but a {}.", model.kind.as_str());
            return Err(Fault::invalid("not_a_classifier", text).field("model"));
        }
        let meter = self
            .meter(caller, &name, request.route, request.request_id)
            .await?;
        let message = Classify {
            project: self.project_access(&caller.project_id).await?,
            model,
            texts: request.texts,
        };
        let path = "/v1/classify";
        let model = &message.model.id;
        let answer: Classified = self.ask_host(caller, model, path, &message).await?;
        let tokens = answer.results.iter().map(|s| s.tokens).sum();
        let completion_tokens = match request.route {
            Route::Chat => answer.results.len() as u64,
            _ => 0,
        };
        meter.end(self, tokens, completion_tokens, 200).await?;
        Ok(Classification {
            id: id::new("ans"),
            model: name,
            results: answer.results,
            tokens,
            completion_tokens,
        })
    }
}

/// Refuses no texts, too many, and empty ones by their number.
pub(super) fn check_texts(texts: &[String]) -> Result<(), Fault> {
    if texts.is_empty() || texts.len() > MAX_TEXTS {
        return Err(
            Fault::invalid("invalid_input", format!("Send 1 to {MAX_TEXTS} texts.")).field("input"),
        );
    }
    if let Some(at) = texts.iter().position(|t| t.trim().is_empty()) {
        return Err(
            Fault::invalid("empty_text", format!("Text {} is empty.", at + 1)).field("input"),
        );
    }
    Ok(())
}
