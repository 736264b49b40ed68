//! Metrics against numbers worked out by hand or published.

use hanok_train::metrics::{compare, evaluate, wilson};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::data::labels;

fn near(found: f64, wanted: f64, tolerance: f64) {
    assert!(
        (found - wanted).abs() < tolerance,
        "{found} is not {wanted}"
    );
}

#[test]
fn evaluation_by_hand() {
    let gold = [0, 0, 0, 0, 1, 1, 1, 2, 2, 2];
    let predicted = [0, 0, 0, 1, 1, 1, 2, 2, 0, 1];
    let names = labels(&["a", "b", "c", "never"]);
    let e = evaluate(&gold, &predicted, &names).expect("fits");
    assert_eq!((e.rows, e.correct), (10, 6));
    assert_eq!(e.confusion[0], [3, 1, 0, 0]);
    assert_eq!(e.confusion[2], [1, 1, 1, 0]);
    near(e.accuracy, 0.6, 1e-12);
    near(e.classes[0].precision, 3.0 / 4.0, 1e-12);
    near(e.classes[0].recall, 3.0 / 4.0, 1e-12);
    near(e.classes[1].precision, 2.0 / 4.0, 1e-12);
    near(e.classes[1].f1, 4.0 / 7.0, 1e-12);
    near(e.classes[2].recall, 1.0 / 3.0, 1e-12);
    assert_eq!((e.classes[3].support, e.classes[3].f1), (0, 0.0));
    // The label that neither occurs nor is answered does not count.
    near(e.macro_f1, (0.75 + 4.0 / 7.0 + 0.4) / 3.0, 1e-12);
}

#[test]
fn evaluation_of_nothing_and_of_nonsense() {
    let names = labels(&["a", "b"]);
    let e = evaluate(&[], &[], &names).expect("empty is fine");
    assert_eq!((e.accuracy, e.macro_f1), (0.0, 0.0));
    assert_eq!((e.interval.low, e.interval.high), (0.0, 1.0));
    assert!(evaluate(&[0], &[], &names).is_err());
    assert!(evaluate(&[0], &[2], &names).is_err());
    assert!(compare(&[0], &[0], &[]).is_err());
}

#[test]
fn wilson_agrees_with_published_values() {
    // Newcombe (1998), Statistics in Medicine 17:857, table I, method 3.
    for (hits, rows, low, high) in [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ] {
        let interval = wilson(hits, rows);
        near(interval.low, low, 5e-5);
        near(interval.high, high, 5e-5);
    }
    assert_eq!(wilson(7, 7).high, 1.0);
}

/// Answers with the given counts: both right, tuned only, base only, neither.
fn answers(counts: [usize; 4]) -> (Vec<usize>, Vec<usize>, Vec<usize>) {
    let rows = counts
        .iter()
        .enumerate()
        .flat_map(|(kind, n)| vec![kind; *n]);
    let kinds: Vec<usize> = rows.collect();
    let base = kinds
        .iter()
        .map(|k| usize::from(![0, 2].contains(k)))
        .collect();
    let tuned = kinds
        .iter()
        .map(|k| usize::from(![0, 1].contains(k)))
        .collect();
    (vec![0; kinds.len()], base, tuned)
}

#[test]
fn comparison_agrees_with_a_published_table() {
    // Fagerland, Lydersen & Laake (2014), Statistics in Medicine 33:2850: airway
    // hyper-responsiveness, 1 / 1 / 7 / 12 of 21.
    let (gold, base, tuned) = answers([1, 1, 7, 12]);
    let c = compare(&gold, &base, &tuned).expect("fits");
    assert_eq!(
        (c.both_right, c.wins, c.losses, c.both_wrong),
        (1, 1, 7, 12)
    );
    near(c.delta, -6.0 / 21.0, 1e-12);
    near(c.interval.low, -0.507, 6e-4);
    near(c.interval.high, -0.026, 6e-4);
    near(c.p_value, 0.0703, 5e-5);
}

#[test]
fn mcnemar_by_hand() {
    let p = |wins, losses| {
        let (gold, base, tuned) = answers([3, wins, losses, 2]);
        compare(&gold, &base, &tuned).expect("fits").p_value
    };
    near(p(0, 0), 1.0, 1e-12);
    near(p(5, 5), 1.0, 1e-12);
    near(p(6, 0), 2.0 / 64.0, 1e-12);
    near(p(9, 1), 2.0 * 11.0 / 1024.0, 1e-12);
    assert!(p(4_000, 2_000) < 1e-100);
}

#[test]
fn swapping_the_models_turns_the_comparison_round() {
    let (gold, base, tuned) = answers([40, 15, 4, 11]);
    let there = compare(&gold, &base, &tuned).expect("fits");
    let back = compare(&gold, &tuned, &base).expect("fits");
    near(there.delta, -back.delta, 1e-12);
    near(there.interval.low, -back.interval.high, 1e-12);
    near(there.p_value, back.p_value, 1e-12);
    assert!(there.interval.low < there.delta && there.delta < there.interval.high);
}

/// Of many simulated evaluations with a known truth, about 95 % of the intervals hold it.
#[test]
fn intervals_cover_the_truth() {
    let mut random = ChaCha8Rng::seed_from_u64(1);
    for (base_right, tuned_right, rows) in [(0.6, 0.8, 100), (0.5, 0.5, 60), (0.9, 0.95, 300)] {
        let (mut held_delta, mut held_accuracy) = (0, 0);
        for _ in 0..1_000 {
            let mut counts = [0; 4];
            for _ in 0..rows {
                // One draw for both, so that the answers depend on each other.
                let hard: f64 = random.random();
                let own: f64 = random.random();
                let base = hard < base_right;
                let tuned = if own < 0.5 {
                    hard < tuned_right
                } else {
                    random.random::<f64>() < tuned_right
                };
                counts[match (base, tuned) {
                    (true, true) => 0,
                    (false, true) => 1,
                    (true, false) => 2,
                    (false, false) => 3,
                }] += 1;
            }
            let (gold, base, tuned) = answers(counts);
            let delta = compare(&gold, &base, &tuned).expect("fits").interval;
            let truth = tuned_right - base_right;
            held_delta += usize::from(delta.low <= truth && truth <= delta.high);
            let accuracy = wilson(counts[0] + counts[1], rows);
            held_accuracy +=
                usize::from(accuracy.low <= tuned_right && tuned_right <= accuracy.high);
        }
        assert!((925..=990).contains(&held_delta), "{held_delta} of 1000");
        assert!(
            (925..=980).contains(&held_accuracy),
            "{held_accuracy} of 1000"
        );
    }
}

#[test]
fn json_has_the_names_that_pages_and_clients_read() {
    let names = labels(&["a", "b"]);
    let e = evaluate(&[0, 1, 1], &[0, 1, 0], &names).expect("fits");
    let json = serde_json::to_value(&e).expect("writes");
    assert_eq!(json["classes"][1]["label"], "b");
    assert_eq!(json["classes"][1]["recall"], 0.5);
    assert_eq!(json["confusion"], serde_json::json!([[1, 0], [1, 1]]));
    assert!(json["interval"]["low"].as_f64() < json["accuracy"].as_f64());
    let (gold, base, tuned) = answers([4, 3, 1, 2]);
    let c = compare(&gold, &base, &tuned).expect("fits");
    let json = serde_json::to_value(&c).expect("writes");
    assert_eq!((&json["wins"], &json["losses"]), (&3.into(), &1.into()));
    assert_eq!(json["delta"], 0.2);
}
