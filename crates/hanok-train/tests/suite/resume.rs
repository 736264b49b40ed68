//! A trainer that is put back to a saved state goes on to the same bits.

use hanok_train::head::{Choice, HeadConfig, HeadTrainer, Recipe, TrainerState};

use super::data::{examples, rows};

#[test]
fn resumes_to_the_same_bits_from_any_step() {
    let examples = examples(&rows(50));
    let config = HeadConfig {
        epochs: Some(3),
        ..HeadConfig::default()
    };
    let recipe = Recipe::new(
        &config,
        50,
        Choice {
            l2: 0.5,
            learning_rate: 0.3,
        },
    );
    let start = || HeadTrainer::new(&examples, (0..50).collect(), vec![1.0; 3], recipe.clone());
    let mut whole = start();
    let mut saved = vec![serde_json::to_vec(whole.state()).expect("writes")];
    while !whole.done() {
        whole.step().expect("steps");
        saved.push(serde_json::to_vec(whole.state()).expect("writes"));
    }
    assert_eq!(saved.len(), 3 * 4 + 1);
    for bytes in saved {
        let state: TrainerState = serde_json::from_slice(&bytes).expect("reads");
        let mut resumed = start();
        resumed.restore(state).expect("fits");
        while !resumed.done() {
            resumed.step().expect("steps");
        }
        assert_eq!(resumed.state(), whole.state());
        assert_eq!(resumed.finish(), whole.finish());
    }
}

#[test]
fn a_state_of_other_data_is_refused() {
    let (few, more) = (examples(&rows(30)), examples(&rows(50)));
    let choice = Choice {
        l2: 0.5,
        learning_rate: 0.3,
    };
    let recipe = Recipe::new(&HeadConfig::default(), 50, choice);
    let of_few = HeadTrainer::new(&few, (0..30).collect(), vec![1.0; 3], recipe.clone());
    let mut of_more = HeadTrainer::new(&more, (0..50).collect(), vec![1.0; 3], recipe);
    let error = of_more
        .restore(of_few.state().clone())
        .expect_err("refused");
    assert!(error.to_string().starts_with("checkpoint"), "{error}");
}
