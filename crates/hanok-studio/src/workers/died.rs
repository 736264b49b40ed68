//! Workers that ended without a word, or whose job does not get on: their jobs are taken from them at
//! once, with the reason.

use hanok_domain::fault::{Fault, FaultKind};
use hanok_domain::state::JobState;
use hanok_jobs::{Failure, Reaped};
use hanok_protocol::job::{JobSpec, TrainSpec};
use hanok_protocol::model::ModelKind;
use hanok_store::Tx;
use serde_json::{Value, json};

use super::note;
use crate::row_error;
use crate::studio::Studio;

/// Tokens at once after an attempt that ran out of memory; 4,096 are usual.
const LESS: usize = 1024;

/// How a worker process ended.
#[derive(Debug, Clone)]
pub struct Death {
    /// Its number.
    pub pid: u32,
    /// As the system says it, such as `signal: 9 (SIGKILL)`.
    pub how: String,
    /// The last lines it wrote to standard error.
    pub last_words: String,
    /// Whether it had no memory left.
    pub out_of_memory: bool,
}

impl Studio {
    /// Fails the jobs of a worker that died; they are tried again while they have attempts left. Gives
    /// their number.
    pub async fn worker_died(&self, death: &Death) -> Result<usize, Fault> {
        let workers = self.registered_here();
        let dead = workers.iter().filter(|worker| worker.pid == death.pid);
        let mut count = 0;
        for worker in dead {
            let fault = &death.fault();
            let failure = &Failure {
                error: row_error::to_row(fault),
                retryable: !death.out_of_memory,
            };
            let holder = worker.id.as_str();
            count += self
                .store()
                .write(|tx| async move {
                    let reaped = self.queue().reap_holder(&tx, holder, failure).await?;
                    let count = reaped.len();
                    for lost in reaped {
                        let less = death.out_of_memory && self.with_less(&tx, &lost, fault).await?;
                        if !less {
                            self.taken(&tx, &[lost], fault).await?;
                        }
                    }
                    Ok::<_, Fault>(count)
                })
                .await?;
        }
        Ok(count)
    }

    /// A training that ran out of memory is tried once more, from its last checkpoint and with less in
    /// memory at once. Whether it is.
    async fn with_less(&self, tx: &Tx, lost: &Reaped, fault: &Fault) -> Result<bool, Fault> {
        let job = &lost.before;
        let Some(spec) = less_at_once(&job.payload).filter(|_| lost.state == JobState::Failed)
        else {
            return Ok(false);
        };
        let (project, run) = (job.project_id.as_str(), job.subject.as_str());
        let text = format!("{fault} The run is tried once more with {LESS} tokens at once.");
        let content = json!({ "level": "warn", "message": text });
        note(tx, project, run, "log", content).await?;
        self.queue_again(tx, project, run, spec).await?;
        Ok(true)
    }

    /// Takes jobs that do not get on from workers that live. Gives the numbers of the processes, which
    /// are to be ended: a job that hangs does not hear that it should stop.
    pub async fn reap_stalled(&self) -> Result<Vec<u32>, Fault> {
        let reaped = self
            .store()
            .write(|tx| async move {
                let reaped = self.queue().reap_stalled(&tx).await?;
                let fault = Fault::new(
                    FaultKind::Upstream,
                    hanok_jobs::STALLED,
                    "The job did not get on and its worker was ended.",
                )
                .remedy("The log of the run says how far it came; start it again.");
                self.taken(&tx, &reaped, &fault).await?;
                Ok::<_, Fault>(reaped)
            })
            .await?;
        let workers = self.registered_here();
        let holds = |id: &str| {
            reaped
                .iter()
                .any(|r| r.before.holder.as_deref() == Some(id))
        };
        let stuck = workers.iter().filter(|worker| holds(&worker.id));
        Ok(stuck.map(|worker| worker.pid).collect())
    }

    /// What jobs were about hears that they were taken.
    pub(super) async fn taken(
        &self,
        tx: &Tx,
        reaped: &[Reaped],
        fault: &Fault,
    ) -> Result<(), Fault> {
        for lost in reaped {
            self.ended_without_result(tx, &lost.before, lost.state.clone(), fault)
                .await?;
        }
        Ok(())
    }
}

/// The same training with less at once, unless it has that already or its method reads rows one by one.
fn less_at_once(payload: &Value) -> Option<TrainSpec> {
    let JobSpec::Train(spec) = serde_json::from_value(payload.clone()).ok()? else {
        return None;
    };
    let starter = spec.base.kind == ModelKind::Encoder && spec.base.files.is_empty();
    (spec.most_tokens.is_none() && !starter).then_some(TrainSpec {
        most_tokens: Some(LESS),
        ..spec
    })
}

impl Death {
    fn fault(&self) -> Fault {
        let words = match self.last_words.trim() {
            "" => "It left no message.".to_owned(),
            words => format!("Its last words: {words}"),
        };
        let (code, remedy) = match self.out_of_memory {
            true => (
                "out_of_memory",
                "Use a smaller batch_size or max_length, or a smaller model.",
            ),
            false => (
                "worker_crashed",
                "Resume the run: it goes on from its last checkpoint.",
            ),
        };
        let text = format!("The worker process ended ({}). {words}", self.how);
        Fault::new(FaultKind::Upstream, code, text).remedy(remedy)
    }
}
