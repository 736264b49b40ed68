//! States of data sets, models, runs and evaluations against their jobs, and jobs against their leases.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use hanok_domain::state::{DatasetState, JobState, ModelState, RunState};

use super::Report;
use super::snapshot::{Computed, JobBrief, Snapshot};

/// A row that waits for a job which will not come.
pub(super) struct Stranded {
    /// `data set`, `model`, `run` or `evaluation`.
    pub what: &'static str,
    pub id: String,
}

/// A project's rows, arranged for looking things up.
pub(super) struct States<'s> {
    snapshot: &'s Snapshot,
    /// A lease that ran out longer ago than this is nobody's business any more.
    patience_us: i64,
    jobs: HashMap<&'s str, &'s JobBrief>,
    /// The newest job of a kind about a subject.
    newest: HashMap<(&'s str, &'s str), &'s JobBrief>,
    models: HashSet<&'s str>,
}

impl<'s> States<'s> {
    pub fn of(snapshot: &'s Snapshot, patience: Duration) -> Self {
        let jobs = snapshot.jobs.iter();
        Self {
            snapshot,
            patience_us: i64::try_from(patience.as_micros()).unwrap_or(i64::MAX),
            newest: jobs
                .clone()
                .map(|job| ((job.kind.as_str(), job.subject.as_str()), job))
                .collect(),
            jobs: jobs.map(|job| (job.id.as_str(), job)).collect(),
            models: snapshot.models.iter().map(|m| m.0.as_str()).collect(),
        }
    }

    pub fn check(&self, report: &mut Report) {
        report.jobs += self.snapshot.jobs.len() as u64;
        self.check_leases(report);
        self.check_datasets(report);
        self.check_models(report);
        for computed in &self.snapshot.computed {
            self.check_computed(computed, report);
        }
        for key in &self.snapshot.unanswered {
            let text = "An Idempotency-Key was taken without an answer: repeats of it are refused.";
            report.found("request_without_answer", key, text);
        }
    }

    /// Rows that wait for a job which will not come.
    pub fn stranded(&self) -> Vec<Stranded> {
        let mut found = Vec::new();
        let mut add = |what, id: &str| {
            let id = id.to_owned();
            found.push(Stranded { what, id });
        };
        for (id, state) in &self.snapshot.datasets {
            let job = self.newest.get(&("dataset.import", id.as_str()));
            if *state == DatasetState::Importing && !job.is_some_and(|job| is_open(&job.state)) {
                add("data set", id);
            }
        }
        for (id, state, job) in &self.snapshot.models {
            if *state == ModelState::Importing && !self.is_at_work(job.as_deref()) {
                add("model", id);
            }
        }
        for Computed {
            what,
            id,
            state,
            job,
            ..
        } in &self.snapshot.computed
        {
            let waits = matches!(state, RunState::Queued | RunState::Running);
            if waits && !self.is_at_work(job.as_deref()) {
                add(what, id);
            }
        }
        found
    }

    fn is_at_work(&self, job: Option<&str>) -> bool {
        let job = job.and_then(|job| self.jobs.get(job));
        job.is_some_and(|job| is_open(&job.state))
    }

    fn check_leases(&self, report: &mut Report) {
        let live = self.snapshot.now - self.patience_us;
        let running = self.snapshot.jobs.iter();
        for job in running.filter(|job| job.state == JobState::Running) {
            if job.lease_until.is_none_or(|until| until <= live) {
                let text = format!(
                    "The {} job about {} runs without a live lease.",
                    job.kind, job.subject
                );
                report.found("job_without_lease", &job.id, text);
            }
        }
    }

    fn check_datasets(&self, report: &mut Report) {
        for (id, state) in &self.snapshot.datasets {
            let job = self.newest.get(&("dataset.import", id.as_str()));
            let at_work = job.is_some_and(|job| is_open(&job.state));
            let wrong = match state {
                DatasetState::Importing => !at_work,
                DatasetState::Ready | DatasetState::Failed => at_work,
                DatasetState::Unknown(_) => false,
            };
            if wrong {
                report.found(
                    "state_disagrees",
                    id,
                    disagreement("data set", state.as_str(), job),
                );
            }
            if *state == DatasetState::Ready && !self.snapshot.versions.contains_key(id) {
                let text = "The data set is ready and has no version.";
                report.found("dataset_without_version", id, text);
            }
        }
    }

    fn check_models(&self, report: &mut Report) {
        for (id, state, job) in &self.snapshot.models {
            let job = job.as_ref().and_then(|job| self.jobs.get(job.as_str()));
            let at_work = job.is_some_and(|job| is_open(&job.state));
            let wrong = match state {
                ModelState::Importing => !at_work,
                ModelState::Ready | ModelState::Failed | ModelState::Broken => at_work,
                ModelState::Unknown(_) => false,
            };
            if wrong {
                report.found(
                    "state_disagrees",
                    id,
                    disagreement("model", state.as_str(), job),
                );
            }
        }
    }

    fn check_computed(&self, computed: &Computed, report: &mut Report) {
        let Computed {
            what, id, state, ..
        } = computed;
        let job = computed
            .job
            .as_ref()
            .and_then(|job| self.jobs.get(job.as_str()));
        let of_job = job.map(|job| &job.state);
        let agrees = match state {
            RunState::Queued => of_job == Some(&JobState::Queued),
            RunState::Running => of_job == Some(&JobState::Running),
            // What a pause leaves of the job is the pause's.
            RunState::Paused | RunState::Unknown(_) => true,
            RunState::Succeeded | RunState::Failed | RunState::Cancelled => {
                !of_job.is_some_and(is_open)
            }
        };
        if !agrees {
            report.found(
                "state_disagrees",
                id,
                disagreement(what, state.as_str(), job),
            );
        }
        let made = computed.made.as_deref();
        let published = made.is_some_and(|model| self.models.contains(model));
        if *what == "run" && *state == RunState::Succeeded && !published {
            let text = "The run succeeded and its model has no row.";
            report.found("run_without_model", id, text);
        }
    }
}

fn is_open(state: &JobState) -> bool {
    matches!(state, JobState::Queued | JobState::Running)
}

fn disagreement(what: &str, state: &str, job: Option<&&JobBrief>) -> String {
    match job {
        Some(job) => format!(
            "The {what} is {state}, its job {} is {}.",
            job.id, job.state
        ),
        None => format!("The {what} is {state} and has no job."),
    }
}
