//! A job is started by what it is to make: a run or an evaluation. Imports come with their upload.

use hanok_domain::fault::Fault;
use serde::{Deserialize, Serialize};

use super::JobView;
use crate::Once;
use crate::access::Caller;
use crate::evals::StartEval;
use crate::runs::StartRun;
use crate::studio::Studio;

/// What a new job is to make.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "kind")]
pub enum StartJob {
    /// Tunes a model.
    #[serde(rename = "run.train")]
    Train(StartRun),
    /// Compares a tuned model with its base.
    #[serde(rename = "eval.run")]
    Eval(StartEval),
}

impl Studio {
    /// Starts a job.
    pub async fn start_job(
        &self,
        caller: &Caller,
        start: StartJob,
        once: Option<Once>,
    ) -> Result<JobView, Fault> {
        let subject = match start {
            StartJob::Train(start) => self.start_run(caller, start, once).await?.id,
            StartJob::Eval(start) => self.start_eval(caller, start, once).await?.id,
        };
        self.job(caller, &subject).await
    }
}
