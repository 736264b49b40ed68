//! The states things are in and the moves between them that are allowed.
//!
//! Does not own how a state is stored, nor who may ask for a move. A text that
//! this version does not know becomes `Unknown`, from which nothing moves.

mod dataset;
mod deployment;
mod fine_tune;
mod job;
mod model;
mod run;

pub use dataset::DatasetState;
pub use deployment::DeploymentState;
pub use fine_tune::FineTuneState;
pub use job::JobState;
pub use model::ModelState;
pub use run::RunState;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_survives_a_round_trip() {
        for text in ["queued", "running", "paused", "succeeded", "hibernating"] {
            assert_eq!(RunState::parse(text).as_str(), text);
        }
        assert_eq!(RunState::parse("paused"), RunState::Paused);
        let unknown = RunState::Unknown("hibernating".into());
        assert_eq!(RunState::parse("hibernating"), unknown);
        assert_eq!(
            serde_json::to_value(&unknown).ok(),
            Some(serde_json::json!("hibernating"))
        );
    }

    #[test]
    fn nothing_follows_a_final_or_an_unknown_state() {
        let all = [
            "queued",
            "running",
            "succeeded",
            "failed",
            "cancelled",
            "new",
        ];
        for from in ["succeeded", "failed", "cancelled", "new"].map(JobState::parse) {
            for to in all.map(JobState::parse) {
                assert!(!from.may_become(&to), "{from} -> {to}");
            }
        }
        assert!(JobState::Running.may_become(&JobState::Queued));
        assert!(!JobState::Queued.may_become(&JobState::Succeeded));
        assert!(!RunState::Queued.may_become(&RunState::Queued));
    }
}
