//! Inference: a deployed model is called, and what was served is metered: one place for every surface.

use std::time::{Duration, Instant};

use hanok_domain::fault::{Fault, FaultKind};
use hanok_domain::id;
use hanok_domain::state::DeploymentState;
use hanok_protocol::inference::{Classified, Classify, Scores};
use hanok_protocol::job::ModelRef;
use hanok_store::rows::usage::NewUsage;

use crate::access::Caller;
use crate::models::{find_model, model_ref};
use crate::studio::Studio;

/// How long a request waits for a hosting worker that restarts.
const PATIENCE: Duration = Duration::from_secs(10);
/// Texts in one request at most.
const MAX_TEXTS: usize = 2048;

/// Which surface was used; the name stands in the usage row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route {
    /// `/v1/chat/completions`.
    Chat,
    /// `/v1/classify`.
    Classify,
    /// The page that tries a deployment.
    Page,
}

impl Route {
    fn as_str(self) -> &'static str {
        match self {
            Self::Chat => "/v1/chat/completions",
            Self::Classify => "/v1/classify",
            Self::Page => "/deployments",
        }
    }
}

/// What to classify.
#[derive(Debug, Clone)]
pub struct Inference {
    /// Name or id of a deployed model.
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
    /// Classifies texts with a deployed model; the usage row is written before the answer is given.
    pub async fn classify(
        &self,
        caller: &Caller,
        request: Inference,
    ) -> Result<Classification, Fault> {
        check(&request)?;
        let started = Instant::now();
        let (name, model) = self.deployed(caller, &request.model).await?;
        let message = Classify {
            project: self.project_access(&caller.project_id).await?,
            model,
            texts: request.texts,
        };
        let answer: Classified = self
            .hosts()
            .call("/v1/classify", &message, PATIENCE)
            .await?;
        let tokens = answer.results.iter().map(|s| s.tokens).sum();
        let completion_tokens = match request.route {
            Route::Chat => answer.results.len() as u64,
            Route::Classify | Route::Page => 0,
        };
        let served = NewUsage {
            project_id: caller.project_id.clone(),
            user_id: caller.user_id.clone(),
            key_id: caller.key_id().map(str::to_owned),
            model: name.clone(),
            route: request.route.as_str().to_owned(),
            prompt_tokens: i64::try_from(tokens).unwrap_or(i64::MAX),
            completion_tokens: i64::try_from(completion_tokens).unwrap_or(i64::MAX),
            cost_micros: 0,
            latency_us: i64::try_from(started.elapsed().as_micros()).unwrap_or(i64::MAX),
            status: 200,
            request_id: request.request_id,
        };
        self.meter(&served).await?;
        Ok(Classification {
            id: id::new("ans"),
            model: name,
            results: answer.results,
            tokens,
            completion_tokens,
        })
    }

    /// The name of a deployed model, and what a worker needs to know of it.
    async fn deployed(&self, caller: &Caller, name: &str) -> Result<(String, ModelRef), Fault> {
        let project = &caller.project_id;
        self.store()
            .read(|tx| async move {
                let model = find_model(&tx, project, name).await.map_err(|fault| {
                    if fault.kind == FaultKind::NotFound {
                        not_found(name)
                    } else {
                        fault
                    }
                })?;
                let deployments = tx.deployments().of_model(project, &model.id).await?;
                if deployments
                    .iter()
                    .any(|d| d.state == DeploymentState::Ready)
                {
                    let reference = model_ref(&model)?;
                    return Ok((model.name, reference));
                }
                Err(Fault::new(
                    FaultKind::NotFound,
                    "model_not_deployed",
                    format!("The model '{name}' is not deployed."),
                )
                .field("model")
                .remedy("Deploy it on its page, or by POST /api/v1/deployments."))
            })
            .await
    }

    async fn meter(&self, served: &NewUsage) -> Result<(), Fault> {
        self.store()
            .write(|tx| async move { Ok(tx.usage().insert(served).await?) })
            .await
    }
}

fn not_found(name: &str) -> Fault {
    Fault::new(
        FaultKind::NotFound,
        "model_not_found",
        format!("There is no model '{name}'."),
    )
    .field("model")
    .remedy("GET /v1/models lists those that answer.")
}

fn check(request: &Inference) -> Result<(), Fault> {
    if request.texts.is_empty() || request.texts.len() > MAX_TEXTS {
        return Err(
            Fault::invalid("invalid_input", format!("Send 1 to {MAX_TEXTS} texts.")).field("input"),
        );
    }
    if let Some(at) = request.texts.iter().position(|t| t.trim().is_empty()) {
        return Err(
            Fault::invalid("empty_text", format!("Text {} is empty.", at + 1)).field("input"),
        );
    }
    Ok(())
}
