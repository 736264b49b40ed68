//! The shipped encoder against what its Python recipe computed.

use hanok_models::Encoder;

const GOLDEN: &str = include_str!("../fixtures/starter_golden.json");

#[test]
fn ids_and_embeddings_equal_the_recipes() {
    let encoder = Encoder::starter().unwrap();
    let cases: serde_json::Value = serde_json::from_str(GOLDEN).unwrap();
    let cases = cases.as_array().unwrap();
    assert_eq!(cases.len(), 10);
    for case in cases {
        let text = case["text"].as_str().unwrap();
        let ids: Vec<u64> = numbers(&case["ids"]).map(|v| v as u64).collect();
        let found: Vec<u64> = encoder.token_ids(text).into_iter().map(u64::from).collect();
        assert_eq!(found, ids, "{text:?}");
        let dense = encoder.embed(text);
        assert_eq!(dense.len(), numbers(&case["dense"]).count());
        for (ours, reference) in dense.iter().zip(numbers(&case["dense"])) {
            assert!((f64::from(*ours) - reference).abs() < 1e-5, "{text:?}");
        }
    }
}

fn numbers(list: &serde_json::Value) -> impl Iterator<Item = f64> + '_ {
    list.as_array().unwrap().iter().map(|v| v.as_f64().unwrap())
}
