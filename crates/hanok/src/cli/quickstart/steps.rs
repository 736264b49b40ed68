//! The five steps, each with its heading, its time and its figures.

use std::time::Instant;

use serde_json::{Value, json};

use super::example::Example;
use super::summary::Summary;
use crate::cli::dataset::import::import;
use crate::cli::dataset::show::print_version;
use crate::cli::deploy::deploy;
use crate::cli::follow::Control;
use crate::cli::report::{Report, TextReport, print_report};
use crate::cli::run::watch::to_end;
use crate::cli::{CliError, eval};
use crate::client::{Client, Dataset, Eval, Named, Run, Upload, parse};
use crate::terminal::{Terminal, cut, duration};

/// Number of steps.
const STEPS: usize = 5;
/// Tokens of an answer that is shown.
const ANSWER: u64 = 96;

/// What the steps work with.
pub struct Steps<'a> {
    /// The server.
    pub client: &'a Client,
    /// Where to tell.
    pub terminal: &'a Terminal,
    /// Whether the data are conversations, which tune a language model.
    pub chat: bool,
}

impl Steps<'_> {
    /// Step 1: the data set.
    pub async fn import(&mut self, what: &Upload, done: &mut Summary) -> Result<Dataset, CliError> {
        let clock = self.begin(1, &format!("Import {}", what.shown()));
        let value = import(self.client, self.terminal, what).await?;
        let dataset: Dataset = parse(&value)?;
        self.chat = dataset.kind.as_deref() == Some("messages");
        if let Some(version) = &dataset.version {
            print_version(self.terminal, version);
        }
        self.end(clock, "import", done);
        done.dataset = value;
        Ok(dataset)
    }

    /// Step 2: the run.
    pub async fn tune(
        &self,
        dataset: &Dataset,
        what: &Upload,
        done: &mut Summary,
    ) -> Result<Run, CliError> {
        let title = if self.chat {
            "Fine-tune low-rank adapters on hanok-decoder"
        } else {
            "Fine-tune a classification head on hanok-encoder"
        };
        let clock = self.begin(2, title);
        let value = match self.train(dataset).await {
            Err(CliError::Failed(mut failure)) => {
                // Data that cannot be trained on is of no use here: nothing half-made stays.
                self.forget(dataset).await;
                failure.file.get_or_insert_with(|| what.shown());
                return Err(CliError::Failed(failure));
            }
            other => other?,
        };
        let run: Run = parse(&value)?;
        if let Some(model) = &run.model {
            self.terminal
                .tell(format!("  made {}", self.terminal.paint.bold(&model.name)));
        }
        self.end(clock, "tune", done);
        done.run = value;
        Ok(run)
    }

    async fn train(&self, dataset: &Dataset) -> Result<Value, CliError> {
        let body = json!({ "dataset": dataset.id });
        let started: Run = parse(&self.client.post("/api/v1/runs", &body).await?)?;
        to_end(
            self.client,
            self.terminal,
            &started,
            "Training",
            Control::Begun,
        )
        .await
    }

    /// Step 3: base against tuned.
    pub async fn evaluate(&self, run: &Run, done: &mut Summary) -> Result<(), CliError> {
        let clock = self.begin(3, "Evaluate base against tuned on rows that were held out");
        let id = run
            .eval_id
            .as_deref()
            .ok_or_else(|| CliError::failed(format!("run {} has no evaluation", run.id)))?;
        let value = eval::run::to_end(self.client, self.terminal, id, false).await?;
        let ended: Eval = parse(&value)?;
        let report = ended.report.as_ref();
        if let Some(report) = report.and_then(TextReport::read) {
            report.print(self.terminal);
        } else {
            let report = report.and_then(Report::read).ok_or_else(|| {
                CliError::failed(format!("evaluation {id} has no report that can be read"))
            })?;
            print_report(self.terminal, &report, false);
        }
        self.end(clock, "evaluate", done);
        done.eval = value;
        Ok(())
    }

    /// Step 4: serve it.
    pub async fn deploy(&self, run: &Run, done: &mut Summary) -> Result<Named, CliError> {
        let clock = self.begin(4, "Deploy the tuned model");
        let model = run
            .model
            .clone()
            .ok_or_else(|| CliError::failed(format!("run {} made no model", run.id)))?;
        let value = deploy(self.client, self.terminal, &model).await?;
        self.end(clock, "deploy", done);
        done.deployment = value;
        Ok(model)
    }

    /// Step 5: one request over the OpenAI API.
    pub async fn call(
        &self,
        model: &Named,
        example: &Example,
        done: &mut Summary,
    ) -> Result<(), CliError> {
        let clock = self.begin(5, "Call it over the OpenAI API with a held-out text");
        let mut body = json!({
            "model": model.name,
            "messages": [{ "role": "user", "content": example.text }],
        });
        if self.chat {
            body["temperature"] = json!(0);
            body["max_tokens"] = json!(ANSWER);
        }
        let answer = self.client.post("/v1/chat/completions", &body).await?;
        let label = answer["choices"][0]["message"]["content"]
            .as_str()
            .unwrap_or_default();
        let paint = self.terminal.paint;
        self.terminal
            .tell(format!("  text      {}", cut(&example.text, 90)));
        let shown = match label == example.label {
            true => paint.good(label),
            // Two answers may differ and both be right.
            false if self.chat => cut(label, 200),
            false => paint.warn(label),
        };
        self.terminal.tell(format!("  answer    {shown}"));
        self.terminal
            .tell(format!("  expected  {}", cut(&example.label, 200)));
        self.end(clock, "call", done);
        done.call = json!({ "text": example.text, "answer": label, "expected": example.label });
        Ok(())
    }

    fn begin(&self, number: usize, title: &str) -> Instant {
        let heading = format!("{number}/{STEPS}  {title}");
        self.terminal
            .tell(format!("\n{}", self.terminal.paint.bold(&heading)));
        Instant::now()
    }

    fn end(&self, clock: Instant, name: &'static str, done: &mut Summary) {
        let took = clock.elapsed();
        let words = format!("  {}", duration(took));
        self.terminal.tell(self.terminal.paint.dim(&words));
        done.steps.push((name, took));
    }

    async fn forget(&self, dataset: &Dataset) {
        let path = format!("/api/v1/datasets/{}", dataset.id);
        if let Err(error) = self.client.delete(&path).await {
            self.terminal
                .note(format!("{} could not be deleted: {error}", dataset.id));
        }
    }
}
