//! Features of ordinary, odd and hostile texts.

use hanok_models::{Encoder, Features, LabelNames};

fn norm(values: impl Iterator<Item = f32>) -> f32 {
    values.map(|v| v * v).sum::<f32>().sqrt()
}

fn assert_well_formed(encoder: &Encoder, features: &Features) {
    assert_eq!(features.dense.len(), encoder.config().dim);
    assert!(features.dense.iter().all(|v| v.is_finite()));
    assert!(features.sparse.windows(2).all(|w| w[0].0 < w[1].0));
    let buckets = encoder.config().hash_buckets;
    assert!(
        features
            .sparse
            .iter()
            .all(|(b, w)| *b < buckets && *w > 0.0)
    );
    if !features.sparse.is_empty() {
        assert!((norm(features.sparse.iter().map(|(_, w)| *w)) - 1.0).abs() < 1e-4);
    }
    if features.tokens > 0 {
        assert!((norm(features.dense.iter().copied()) - 1.0).abs() < 1e-4);
    }
}

#[test]
fn empty_and_blank_texts_have_no_features() {
    let encoder = Encoder::starter().unwrap();
    for text in ["", " ", "\n\t\u{3000}"] {
        let features = encoder.features(text);
        assert_well_formed(&encoder, &features);
        assert_eq!((features.tokens, features.truncated), (0, false));
        assert!(features.sparse.is_empty());
        assert!(features.dense.iter().all(|v| *v == 0.0));
    }
}

#[test]
fn korean_and_emoji_are_seen() {
    let encoder = Encoder::starter().unwrap();
    let shared = |a: &str, b: &str| -> f32 {
        let (a, b) = (encoder.features(a).sparse, encoder.features(b).sparse);
        let weight = |bucket| b.iter().find(|(other, _)| *other == bucket).map(|(_, w)| w);
        a.iter()
            .filter_map(|(k, w)| weight(*k).map(|v| v * w))
            .sum()
    };
    assert!(shared("재미있는 영화", "재미있다 영화가") > 0.2);
    assert!(shared("재미있는 영화", "서버가 느려요") < 0.05);
    assert!(shared("😀 ok", "😀 fine") > 0.1);
    for text in ["영화가 정말 재미있어요", "😀👍🏽", "混ぜる mix 섞다"] {
        let features = encoder.features(text);
        assert!(!features.sparse.is_empty());
        assert_well_formed(&encoder, &features);
    }
}

#[test]
fn case_width_and_composition_make_no_difference() {
    let encoder = Encoder::starter().unwrap();
    let plain = encoder.features("crème brûlée 123");
    assert_eq!(encoder.features("CRÈME BRÛLÉE 123"), plain);
    assert_eq!(
        encoder.features("cre\u{300}me bru\u{302}le\u{301}e １２３"),
        plain
    );
}

#[test]
fn word_order_shows_in_sparse_features_only() {
    let encoder = Encoder::starter().unwrap();
    let (a, b) = ("dog bites man", "man bites dog");
    assert_ne!(encoder.features(a).sparse, encoder.features(b).sparse);
    let same = encoder.similarity(a, &[b]);
    assert!((same[0] - 1.0).abs() < 1e-5);
}

#[test]
fn a_megabyte_without_spaces_is_cut() {
    let encoder = Encoder::starter().unwrap();
    for unit in ["a", "_", "가", "\u{301}", "\u{fdfa}", "😀", "a ", "9."] {
        let features = encoder.features(&unit.repeat(1_000_000 / unit.len()));
        assert!(features.truncated, "{unit:?}");
        assert!(features.tokens <= encoder.config().max_tokens);
        assert_well_formed(&encoder, &features);
    }
}

#[test]
fn what_is_past_the_limit_changes_nothing() {
    let encoder = Encoder::starter().unwrap();
    let limit = encoder.config().max_tokens;
    let full = "yes ".repeat(limit);
    let (exact, more) = (
        encoder.features(&full),
        encoder.features(&format!("{full}no")),
    );
    assert_eq!((exact.tokens, exact.truncated), (limit, false));
    assert!(more.truncated);
    assert_eq!((&more.dense, &more.sparse), (&exact.dense, &exact.sparse));
}

#[test]
fn same_bits_on_every_thread() {
    let encoder = Encoder::starter().unwrap();
    let text = "Same text, same bits. 같은 글, 같은 비트. ".repeat(20);
    let first = encoder.features(&text);
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..4)
            .map(|_| scope.spawn(|| encoder.features(&text)))
            .collect();
        for worker in workers {
            assert_eq!(worker.join().unwrap(), first);
        }
    });
    assert_eq!(encoder.embed(&text), first.dense);
}

#[test]
fn meaning_is_in_the_dense_vector() {
    let encoder = Encoder::starter().unwrap();
    let topics = ["sports", "politics", "technology", "food"];
    let names = LabelNames::new(&encoder, &topics);
    let cases = [
        ("the team won the football match in extra time", 0),
        ("the minister lost the election to the opposition party", 1),
        ("a new processor makes this computer much faster", 2),
        ("bake the bread with butter, garlic and cheese", 3),
    ];
    for (text, topic) in cases {
        let scores = names.similarity(&encoder.embed(text));
        let best = (0..4).max_by(|a, b| scores[*a].total_cmp(&scores[*b]));
        assert_eq!(best, Some(topic), "{text}: {scores:?}");
    }
}
