//! `eval.run`: base against tuned on rows that were not trained on.

mod classes;
mod judges;
mod losses;
mod samples;
mod texts;

use hanok_domain::fault::Fault;
use hanok_protocol::job::{EvalResult, EvalSpec};
use hanok_protocol::model::ModelKind;

use super::Stop;
use super::context::Context;

/// Runs the evaluation.
pub fn run(context: &Context, spec: &EvalSpec) -> Result<EvalResult, Stop> {
    match spec.model.kind {
        ModelKind::Decoder => texts::run(context, spec),
        ModelKind::Encoder | ModelKind::Classifier => classes::run(context, spec),
    }
}

fn nothing_held_out() -> Fault {
    Fault::invalid("no_held_out_rows", "No row was held out to evaluate on.")
        .remedy("Hold out a larger share, or bring more rows.")
}
