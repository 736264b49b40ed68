//! The training loop: it learns, it repeats itself to the bit, it says what it does and it stops.

use hanok_models::Features;
use hanok_train::head::{ClassWeights, Example, HeadConfig, Schedule, train};
use hanok_train::{Flow, TrainError, TrainEvent};

use super::data::{argmax, encoder, examples, go_on, labels, rows, topics};

fn quick() -> HeadConfig {
    HeadConfig {
        l2: Some(0.1),
        learning_rate: Some(0.3),
        epochs: Some(5),
        ..HeadConfig::default()
    }
}

#[test]
fn learns_what_the_rows_say() {
    let examples = examples(&rows(150));
    let trained = train(
        &encoder(),
        &examples,
        &topics(),
        &HeadConfig::default(),
        &mut go_on,
    )
    .expect("trains");
    let right = |e: &&Example| argmax(&trained.head.logits(&e.features)) == e.label;
    assert_eq!(examples.iter().filter(right).count(), 150);
    assert!(trained.validation.expect("validated").accuracy > 0.95);
    assert_eq!(trained.training_rows, 150);
    let answer = trained
        .head
        .probabilities(&encoder().features("my parcel came broken"));
    assert_eq!(argmax(&answer), 1, "{answer:?}");
}

#[test]
fn the_same_run_gives_the_same_bits_on_every_thread() {
    let examples = examples(&rows(90));
    let run = |seed: u64| {
        let config = HeadConfig {
            seed,
            ..HeadConfig::default()
        };
        let mut events = Vec::new();
        let mut observe = |event: &TrainEvent| {
            events.push(event.clone());
            Flow::Continue
        };
        let trained = train(&encoder(), &examples, &topics(), &config, &mut observe);
        let bytes = trained
            .expect("trains")
            .head
            .to_safetensors()
            .expect("writes");
        (bytes, events)
    };
    let here = run(7);
    let there = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..3).map(|_| scope.spawn(|| run(7))).collect();
        threads
            .into_iter()
            .map(|t| t.join().expect("ends"))
            .collect::<Vec<_>>()
    });
    assert!(there.iter().all(|other| *other == here));
    assert_ne!(run(8).0, here.0);
}

#[test]
fn events_tell_a_falling_loss_and_the_schedule() {
    let examples = examples(&rows(160));
    let config = HeadConfig {
        warmup: 0.1,
        ..quick()
    };
    let mut events = Vec::new();
    let mut observe = |event: &TrainEvent| {
        events.push(event.clone());
        Flow::Continue
    };
    let trained = train(&encoder(), &examples, &topics(), &config, &mut observe).expect("trains");
    let epochs: Vec<f32> = events
        .iter()
        .filter_map(|e| match e {
            TrainEvent::Epoch {
                train_loss,
                validation_loss,
                ..
            } => {
                assert!(validation_loss.is_some_and(f32::is_finite));
                Some(*train_loss)
            }
            _ => None,
        })
        .collect();
    assert_eq!(epochs.len(), 5);
    assert!(epochs.windows(2).all(|w| w[1] < w[0]), "{epochs:?}");
    let steps: Vec<(usize, usize, f32)> = events
        .iter()
        .filter_map(|e| match e {
            TrainEvent::Step {
                step,
                examples,
                learning_rate,
                ..
            } => Some((*step, *examples, *learning_rate)),
            _ => None,
        })
        .collect();
    assert_eq!(steps.len(), trained.steps);
    assert_eq!(steps[steps.len() - 1].1, 5 * 160);
    let peak = steps.iter().map(|s| s.2).fold(0.0, f32::max);
    assert!((peak - 0.3).abs() < 1e-6 && steps[0].2 < peak);
    assert!(steps[steps.len() - 1].2 < peak / 10.0);
}

#[test]
fn cross_validation_tries_only_what_is_open() {
    let examples = examples(&rows(60));
    let trials = |config: HeadConfig| {
        let mut count = 0;
        let mut observe = |event: &TrainEvent| {
            count += usize::from(matches!(event, TrainEvent::Trial { .. }));
            Flow::Continue
        };
        train(&encoder(), &examples, &topics(), &config, &mut observe).expect("trains");
        count
    };
    assert_eq!(trials(HeadConfig::default()), 5);
    assert_eq!(trials(quick()), 1);
    assert_eq!(
        trials(HeadConfig {
            validation: 0.0,
            ..quick()
        }),
        0
    );
}

#[test]
fn stops_at_once_when_told_to() {
    let examples = examples(&rows(60));
    let mut seen = 0;
    let mut observe = |event: &TrainEvent| match event {
        TrainEvent::Step { step: 3, .. } => Flow::Stop,
        TrainEvent::Step { .. } => {
            seen += 1;
            Flow::Continue
        }
        _ => Flow::Continue,
    };
    let stopped = train(&encoder(), &examples, &topics(), &quick(), &mut observe);
    assert_eq!(
        stopped.expect_err("stopped"),
        TrainError::Stopped { step: 3 }
    );
    assert_eq!(seen, 2);
    let mut refuse = |_: &TrainEvent| Flow::Stop;
    let stopped = train(&encoder(), &examples, &topics(), &quick(), &mut refuse);
    assert_eq!(
        stopped.expect_err("stopped"),
        TrainError::Stopped { step: 0 }
    );
}

#[test]
fn balanced_weights_find_the_rare_class_more_often() {
    let dim = encoder().config().dim;
    let example = |i: usize, label: usize| {
        // Both classes share bucket 1; the rare one has it always, the common one half the time.
        let sparse = if label == 1 || i.is_multiple_of(2) {
            vec![(1, 1.0)]
        } else {
            vec![(2, 1.0)]
        };
        let features = Features {
            dense: vec![0.0; dim],
            sparse,
            tokens: 1,
            truncated: false,
        };
        Example { features, label }
    };
    let common = (0..100).map(|i| example(i, 0));
    let examples: Vec<Example> = common.chain((0..20).map(|i| example(i, 1))).collect();
    let found = |class_weights| {
        let config = HeadConfig {
            class_weights,
            ..quick()
        };
        let names = labels(&["common", "rare"]);
        let trained = train(&encoder(), &examples, &names, &config, &mut go_on).expect("trains");
        let rare = examples.iter().filter(|e| e.label == 1);
        rare.filter(|e| argmax(&trained.head.logits(&e.features)) == 1)
            .count()
    };
    assert_eq!(found(ClassWeights::Equal), 0);
    assert_eq!(found(ClassWeights::Balanced), 20);
}

#[test]
fn a_stronger_penalty_gives_smaller_weights() {
    let examples = examples(&rows(90));
    let size = |l2: f32| {
        let config = HeadConfig {
            l2: Some(l2),
            schedule: Schedule::Cosine,
            ..quick()
        };
        let trained = train(&encoder(), &examples, &topics(), &config, &mut go_on).expect("trains");
        let parts = trained.head.parts().clone();
        parts
            .sparse
            .iter()
            .chain(&parts.dense)
            .map(|w| f64::from(w * w))
            .sum::<f64>()
    };
    assert!(size(10.0) < 0.5 * size(0.01));
}

#[test]
fn an_empty_text_is_an_example_like_any_other() {
    let mut rows = rows(60);
    rows[0].0 = String::new();
    rows[1].0 = "\u{200b}".to_owned();
    let trained = train(
        &encoder(),
        &examples(&rows),
        &topics(),
        &quick(),
        &mut go_on,
    );
    let head = trained.expect("trains").head;
    let answer = head.probabilities(&encoder().features(""));
    assert!((answer.iter().sum::<f32>() - 1.0).abs() < 1e-5);
}
