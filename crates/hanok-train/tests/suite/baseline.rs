//! Naive Bayes against numbers worked out by hand.

use hanok_train::baseline::{NaiveBayes, majority};

#[test]
fn naive_bayes_agrees_with_the_textbook() {
    // Manning, Raghavan & Schütze (2008), example 13.1.
    let rows = [
        ("Chinese Beijing Chinese", 0),
        ("Chinese Chinese Shanghai", 0),
        ("Chinese Macao", 0),
        ("Tokyo Japan Chinese", 1),
    ];
    let model = NaiveBayes::fit(&rows, 2);
    assert_eq!(model.predict("Chinese Chinese Chinese Tokyo Japan"), 0);
    // 1/4 * 2/9 * 2/9 = 0.0123 against 3/4 * 1/14 * 1/14 = 0.0038.
    assert_eq!(model.predict("tokyo, JAPAN!"), 1);
    // Unknown words say nothing: the prior decides.
    assert_eq!(model.predict("Seoul"), 0);
}

#[test]
fn a_class_without_rows_is_never_answered() {
    let model = NaiveBayes::fit(&[("a", 1), ("b", 2)], 4);
    for text in ["a", "b", "c", ""] {
        assert!([1, 2].contains(&model.predict(text)), "{text}");
    }
}

#[test]
fn majority_is_the_most_frequent_label() {
    assert_eq!(majority([2, 1, 2, 0], 3), 2);
    assert_eq!(majority([1, 0], 2), 0);
    assert_eq!(majority([], 2), 0);
}
