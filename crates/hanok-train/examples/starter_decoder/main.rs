//! Makes `models/starter-decoder` out of nothing but this program: corpus, tokenizer, random weights,
//! training, and what the card says of its quality.
//!
//! `cargo run --release -p hanok-train --example starter_decoder [OUT [CONVERSATIONS]]`

mod corpus;
mod model;
mod report;

use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::Instant;

use hanok_models::LanguageModel;
use hanok_models::hf::FloatType;
use hanok_train::sft::{self, Method, SftConfig, TrainOn};
use hanok_train::{Flow, TrainEvent};

type Outcome<T> = Result<T, Box<dyn Error>>;

const SEED: u64 = 7;
const CONVERSATIONS: usize = 32_000;
/// A model of random weights takes long to find out that it can copy, and most answers need it; it does
/// so soon where nothing else is asked for.
const DRILLS: usize = 16_000;
const HELD_OUT: usize = 500;

fn settings(learning_rate: f32) -> SftConfig {
    SftConfig {
        method: Method::Full,
        train_on: TrainOn::All,
        epochs: 1,
        batch_size: 16,
        learning_rate: Some(learning_rate),
        weight_decay: 0.05,
        seed: SEED,
        ..SftConfig::default()
    }
}

fn main() -> Outcome<()> {
    let mut arguments = std::env::args().skip(1);
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let out = arguments.next().map(PathBuf::from);
    let out = out.unwrap_or_else(|| root.join("models/starter-decoder"));
    let count = arguments
        .next()
        .map_or(Ok(CONVERSATIONS), |text| text.parse())?;

    let begun = Instant::now();
    let (rows, held_out) = corpus::conversations(count, HELD_OUT, SEED);
    report::corpus(&rows);
    let scratch = tempfile::tempdir()?;
    let [fresh, drilled, trained] =
        ["fresh", "drilled", "trained"].map(|name| scratch.path().join(name));
    model::write_fresh(&fresh, &rows, SEED)?;

    let mut tell = |event: &TrainEvent| {
        progress(event, begun);
        Flow::Continue
    };
    let (drills, copies) = corpus::drills(DRILLS, HELD_OUT, SEED);
    sft::train(
        &fresh,
        &drills,
        &copies,
        &settings(1e-3),
        &drilled,
        &mut tell,
    )?;
    report::answers("copies", &LanguageModel::load(&drilled, None)?, &copies)?;
    let settings = settings(1.5e-3);
    let done = sft::train(&drilled, &rows, &held_out, &settings, &trained, &mut tell)?;
    println!(
        "{} parameters, {} steps, {} tokens read, {} s",
        done.trained_parameters,
        done.steps,
        done.tokens,
        begun.elapsed().as_secs()
    );
    LanguageModel::load(&trained, None)?.save_as(&trained, &out, FloatType::F16)?;
    report::quality(&LanguageModel::load(&out, None)?, &held_out)
}

fn progress(event: &TrainEvent, begun: Instant) {
    match event {
        TrainEvent::Step {
            step,
            total_steps,
            loss,
            ..
        } if step % 100 == 0 => {
            let seconds = begun.elapsed().as_secs();
            println!("step {step} of {total_steps}, loss {loss:.3}, {seconds} s");
        }
        TrainEvent::Epoch {
            epoch,
            train_loss,
            validation_loss,
            ..
        } => {
            println!("epoch {epoch}: loss {train_loss:.3}, held out {validation_loss:?}");
        }
        _ => {}
    }
}
