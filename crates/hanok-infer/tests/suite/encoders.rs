//! Embeddings and class scores, whatever else is in the batch.

use hanok_infer::{ClassifyModel, EmbedModel};

use crate::fixture;

#[test]
fn a_text_has_the_same_vector_alone_and_among_others() {
    let model = EmbedModel::load(&fixture("bert")).expect("loads");
    let texts = ["w10 w11", "w12", "w10 w13 w14 w15 w16", ""];
    let all = model.embed(&texts).expect("embeds");
    assert_eq!(all.vectors.len(), 4);
    for (text, vector) in texts.iter().zip(&all.vectors) {
        assert_eq!(vector.len(), model.dimensions());
        assert_eq!(&model.embed(&[text]).expect("embeds").vectors[0], vector);
    }
    let long = "w10 ".repeat(5000);
    let cut = model.embed(&[&long, "w10"]).expect("embeds");
    assert_eq!(cut.truncated, [true, false]);
    assert!(
        EmbedModel::load(&fixture("llama_a")).is_err(),
        "a decoder has no vectors"
    );
}

#[test]
fn probabilities_sum_to_one_in_the_order_of_labels() {
    let model = ClassifyModel::load(&fixture("bert"), None).expect("loads");
    assert_eq!(model.labels().len(), 3);
    let scores = model.classify(&["w10 w11", "w12 w13 w14"]).expect("scores");
    for score in &scores {
        assert!((score.probabilities.iter().sum::<f32>() - 1.0).abs() < 1e-5);
        assert!(!score.truncated);
    }
    let alone = model.classify(&["w12 w13 w14"]).expect("scores");
    assert_eq!(alone[0], scores[1]);
    let adapted = ClassifyModel::load(&fixture("bert"), Some(&fixture("bert/adapter")));
    let adapted = adapted
        .expect("loads")
        .classify(&["w12 w13 w14"])
        .expect("scores");
    assert_ne!(adapted[0].probabilities, alone[0].probabilities);
}
