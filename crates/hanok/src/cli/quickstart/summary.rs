//! What a quickstart did, as one document.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::account::Account;

/// Steps with their times, and what each made.
pub struct Summary {
    begun: Instant,
    /// The server's address.
    pub url: String,
    /// Step and how long it took.
    pub steps: Vec<(&'static str, Duration)>,
    /// The data set.
    pub dataset: Value,
    /// The run.
    pub run: Value,
    /// The evaluation.
    pub eval: Value,
    /// The deployment.
    pub deployment: Value,
    /// The call.
    pub call: Value,
}

impl Summary {
    /// Nothing done yet.
    pub fn new(url: &str) -> Self {
        Self {
            begun: Instant::now(),
            url: url.to_owned(),
            steps: Vec::new(),
            dataset: Value::Null,
            run: Value::Null,
            eval: Value::Null,
            deployment: Value::Null,
            call: Value::Null,
        }
    }

    /// Name of the tuned model.
    pub fn model(&self) -> &str {
        self.run["model"]["name"].as_str().unwrap_or_default()
    }

    /// Time since the first step began.
    pub fn took(&self) -> Duration {
        self.begun.elapsed()
    }

    /// The document. The sign-in secret is not in it: documents end up in logs.
    pub fn document(&self, account: &Account) -> Value {
        let steps: Vec<Value> = self
            .steps
            .iter()
            .map(|(name, took)| json!({ "step": name, "seconds": seconds(*took) }))
            .collect();
        json!({
            "object": "quickstart",
            "url": self.url,
            "key": account.key,
            "steps": steps,
            "seconds": seconds(self.took()),
            "dataset": self.dataset,
            "run": self.run,
            "model": self.run["model"],
            "eval": self.eval,
            "deployment": self.deployment,
            "call": self.call,
        })
    }
}

fn seconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 1000.0).round() / 1000.0
}
