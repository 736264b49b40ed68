//! What happened to a job, newest first: the events of its run, and before them those of its files.

use hanok_domain::fault::Fault;
use hanok_store::Tx;
use hanok_store::rows::events::Event;
use hanok_store::rows::fine_tunes::FineTune;
use serde::Serialize;
use serde_json::{Value, json};

use crate::access::Caller;
use crate::runs::CHECKPOINT;
use crate::studio::Studio;
use crate::time::seconds;
use crate::{Listed, PageRequest};

/// Kinds of events that the OpenAI surface shows.
const KINDS: [&str; 4] = ["log", "metric", "state", CHECKPOINT];

/// An event as the OpenAI surface shows it.
#[derive(Debug, Clone, Serialize)]
pub struct FineTuneEvent {
    /// Always `fine_tuning.job.event`.
    pub object: String,
    /// `ftevent-…`.
    pub id: String,
    /// Unix seconds.
    pub created_at: i64,
    /// `info`, `warn` or `error`.
    pub level: String,
    /// One sentence.
    pub message: String,
    /// `message` or `metrics`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The figures of a `metrics` event.
    pub data: Value,
}

/// A checkpoint as the OpenAI surface shows it.
#[derive(Debug, Clone, Serialize)]
pub struct CheckpointView {
    /// `ftckpt_…`.
    pub id: String,
    /// Always `fine_tuning.job.checkpoint`.
    pub object: String,
    /// Unix seconds.
    pub created_at: i64,
    /// The name to call it by, once it is deployed.
    pub fine_tuned_model_checkpoint: String,
    /// `ftjob-…`.
    pub fine_tuning_job_id: String,
    /// `step`, `train_loss`, `valid_loss`.
    pub metrics: Value,
    /// Steps trained.
    pub step_number: u64,
}

impl Studio {
    /// A job's events, newest first.
    pub async fn fine_tune_events(
        &self,
        caller: &Caller,
        id: &str,
        page: PageRequest,
    ) -> Result<Listed<FineTuneEvent>, Fault> {
        let (project, page) = (&caller.project_id, &page);
        let found = self
            .store()
            .read(|tx| async move {
                let job = found(&tx, project, id).await?;
                let rows = page.rows();
                let after = place(&job, rows.after.as_deref())?;
                let mut found: Vec<FineTuneEvent> = Vec::new();
                for topic in topics(&job) {
                    let seq = match &after {
                        // The run's events come first; whoever is past them does not see them again.
                        Some((of, _)) if of != topic && *of == job.id => continue,
                        Some((of, seq)) if of == topic => Some(*seq),
                        _ => None,
                    };
                    let left = rows.limit.saturating_sub(found.len() as u64);
                    let events = tx
                        .events()
                        .before(project, topic, &KINDS, seq, left)
                        .await?;
                    found.extend(events.into_iter().map(view));
                }
                Ok::<_, Fault>(found)
            })
            .await?;
        Ok(page.listed(found, |event| &event.id, |event| event))
    }

    /// A job's checkpoints, newest first.
    pub async fn fine_tune_checkpoints(
        &self,
        caller: &Caller,
        id: &str,
        page: PageRequest,
    ) -> Result<Listed<CheckpointView>, Fault> {
        let (project, page) = (&caller.project_id, &page);
        let found = self
            .store()
            .read(|tx| async move {
                let job = found(&tx, project, id).await?;
                let Some(run) = &job.run_id else {
                    return Ok(Vec::new());
                };
                let most = u64::from(u16::MAX);
                let events = tx
                    .events()
                    .before(project, run, &[CHECKPOINT], None, most)
                    .await?;
                let all = events.into_iter().filter_map(|e| checkpoint(&job, e));
                let rows = page.rows();
                let rest = all.skip_while(|c| rows.after.as_ref().is_some_and(|id| c.id != *id));
                let skip = usize::from(rows.after.is_some());
                let limit = usize::try_from(rows.limit).unwrap_or(usize::MAX);
                Ok::<_, Fault>(rest.skip(skip).take(limit).collect())
            })
            .await?;
        Ok(page.listed(found, |checkpoint| &checkpoint.id, |checkpoint| checkpoint))
    }
}

async fn found(tx: &Tx, project: &str, id: &str) -> Result<FineTune, Fault> {
    let job = tx.fine_tunes().get(project, id).await?;
    job.ok_or_else(|| Fault::not_found("fine-tuning job", id))
}

fn topics(job: &FineTune) -> impl Iterator<Item = &String> {
    job.run_id.iter().chain(std::iter::once(&job.id))
}

/// Topic and number of the event with this id, which must be one of the job's.
fn place(job: &FineTune, id: Option<&str>) -> Result<Option<(String, i64)>, Fault> {
    let Some(id) = id else { return Ok(None) };
    let parsed = id.strip_prefix("ftevent-").and_then(|rest| {
        let (topic, seq) = rest.rsplit_once('-')?;
        let topic = topics(job).find(|known| *known == topic)?;
        Some((topic.clone(), seq.parse().ok()?))
    });
    let absent = || Fault::not_found("event", id).field("after");
    parsed.map(Some).ok_or_else(absent)
}

fn view(event: Event) -> FineTuneEvent {
    let (level, message, metrics) = told(&event);
    FineTuneEvent {
        object: "fine_tuning.job.event".to_owned(),
        id: format!("ftevent-{}-{}", event.topic, event.seq),
        created_at: seconds(event.at),
        level,
        message,
        kind: if metrics.is_some() {
            "metrics"
        } else {
            "message"
        }
        .to_owned(),
        data: metrics.unwrap_or_else(|| json!({})),
    }
}

/// Level, sentence, and figures where it is about figures.
fn told(event: &Event) -> (String, String, Option<Value>) {
    let data = &event.data;
    let info = || "info".to_owned();
    match event.kind.as_str() {
        "metric" => {
            let figures = metrics(data);
            (info(), figures_told(&figures), Some(figures))
        }
        "log" => {
            let text = |key: &str| data[key].as_str().unwrap_or_default().to_owned();
            (text("level"), text("message"), None)
        }
        CHECKPOINT => {
            let name = data["model"]["name"].as_str().unwrap_or_default();
            let message = format!("Checkpoint created at step {}: {name}", data["step"]);
            (info(), message, None)
        }
        _ => {
            let state = data["state"].as_str().unwrap_or_default();
            match data["error"]["message"].as_str() {
                Some(error) => (
                    "error".to_owned(),
                    format!("The job has failed: {error}"),
                    None,
                ),
                None if state == "succeeded" => {
                    let name = data["model"]["name"].as_str().unwrap_or_default();
                    (
                        info(),
                        format!("New fine-tuned model created: {name}"),
                        None,
                    )
                }
                None => (info(), format!("The job is {state}"), None),
            }
        }
    }
}

/// The figures of a step in one line.
fn figures_told(figures: &Value) -> String {
    let mut message = format!("Step {}", figures["step"]);
    if !figures["total_steps"].is_null() {
        message = format!("{message}/{}", figures["total_steps"]);
    }
    for (name, key) in [
        ("training loss", "train_loss"),
        ("validation loss", "valid_loss"),
    ] {
        if let Some(loss) = figures[key].as_f64() {
            message = format!("{message}: {name}={loss:.4}");
        }
    }
    message
}

/// Figures under OpenAI's names.
fn metrics(data: &Value) -> Value {
    let mut figures = json!({ "step": data["step"] });
    for (theirs, ours) in [
        ("total_steps", ["total_steps", ""]),
        ("train_loss", ["loss", "train_loss"]),
        ("train_mean_token_accuracy", ["accuracy", "train_accuracy"]),
        ("valid_loss", ["val_loss", "valid_loss"]),
        (
            "valid_mean_token_accuracy",
            ["val_accuracy", "valid_accuracy"],
        ),
        ("learning_rate", ["learning_rate", ""]),
    ] {
        if let Some(value) = ours.iter().map(|key| &data[*key]).find(|v| !v.is_null()) {
            figures[theirs] = value.clone();
        }
    }
    figures
}

fn checkpoint(job: &FineTune, event: Event) -> Option<CheckpointView> {
    let id = event.data["model"]["id"].as_str()?;
    let digits = id.rsplit_once('_').map_or(id, |(_, digits)| digits);
    Some(CheckpointView {
        id: format!("ftckpt_{digits}"),
        object: "fine_tuning.job.checkpoint".to_owned(),
        created_at: seconds(event.at),
        fine_tuned_model_checkpoint: event.data["model"]["name"].as_str()?.to_owned(),
        fine_tuning_job_id: job.id.clone(),
        metrics: metrics(&event.data),
        step_number: event.data["step"].as_u64()?,
    })
}
