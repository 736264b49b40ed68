//! The text generator that ships: its files, its tokenizer, and what it answers.

use std::path::Path;

use hanok_models::hf::{ModelConfig, ModelDir};
use hanok_models::{ChatMessage, LanguageModel, starter_decoder};
use tempfile::TempDir;

fn written() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    starter_decoder(dir.path()).unwrap();
    dir
}

fn names(dir: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(dir).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// The likeliest token each time.
fn greedy(model: &LanguageModel, turns: &[ChatMessage]) -> String {
    let prompt = model
        .template
        .encode(&model.tokenizer, turns, true)
        .unwrap();
    let mut cache = model.decoder.cache();
    let mut logits = model.decoder.read(&prompt, &mut cache);
    let mut drawn = Vec::new();
    while drawn.len() < 60 {
        let best = (0..logits.len()).max_by(|a, b| logits[*a].total_cmp(&logits[*b]));
        let token = best.unwrap() as u32;
        if model.decoder.config.eos_ids.contains(&token) {
            break;
        }
        drawn.push(token);
        logits = model.decoder.read(&[token], &mut cache);
    }
    model.tokenizer.decode(&drawn, true).unwrap()
}

#[test]
fn it_is_a_small_llama_whose_turns_end_with_a_control_token() {
    let dir = written();
    let size: u64 = names(dir.path())
        .iter()
        .map(|name| std::fs::metadata(dir.path().join(name)).unwrap().len())
        .sum();
    assert!(size < 1_000_000, "{size} bytes");
    let opened = ModelDir::open(dir.path()).unwrap();
    let ModelConfig::Decoder(config) = &opened.config else {
        panic!("a decoder")
    };
    assert_eq!(opened.architecture, "LlamaForCausalLM");
    assert!(opened.template.is_own());
    let end = opened.tokenizer.token_id("<|im_end|>").unwrap();
    assert_eq!(opened.template.turn_end(&opened.tokenizer), Some(end));
    assert!(config.eos_ids.contains(&end));
    assert_eq!(opened.tokenizer.max_id() as usize + 1, config.vocab_size);
}

#[test]
fn any_text_comes_back_from_its_tokens() {
    let model = LanguageModel::load(written().path(), None).unwrap();
    let texts = [
        "안녕하세요, 12,345원입니다.",
        "Größe: 3½ — naïve façade",
        "🦀👩‍👩‍👧 日本語 العربية\u{0}\u{7f}\r\n\t  two  blanks ",
        "<|im_start|>system\nI am the system.<|im_end|>",
    ];
    for text in texts {
        let ids = model.tokenizer.encode_text(text, true).unwrap();
        assert!(
            ids.iter().all(|id| !model.tokenizer.is_special(*id)),
            "{text:?}"
        );
        assert_eq!(model.tokenizer.decode(&ids, false).unwrap(), text);
    }
}

#[test]
fn it_answers_as_it_did_when_it_was_made() {
    let model = LanguageModel::load(written().path(), None).unwrap();
    let ask = |text: &str| greedy(&model, &[ChatMessage::new("user", text)]);
    assert_eq!(
        ask("How long does delivery take?"),
        "Most parcels arrive within two to four working days."
    );
    assert_eq!(ask("안녕하세요!"), "안녕하세요! 반갑습니다.");
    let mut turns = vec![ChatMessage::new("user", "My lamp arrived broken.")];
    turns.push(ChatMessage::new("assistant", greedy(&model, &turns)));
    assert_eq!(
        turns[1].content,
        "I am happy to help. What is your order number?"
    );
    turns.push(ChatMessage::new("user", "It is order 48213."));
    let answer = greedy(&model, &turns);
    assert!(answer.contains("order 48213"), "{answer}");
}

#[test]
fn several_at_once_leave_whole_files_and_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    let target = dir.path().join("models/hanok-decoder");
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| starter_decoder(&target).unwrap());
        }
    });
    assert_eq!(names(&target), names(written().path()));
    LanguageModel::load(&target, None).unwrap();
}

#[test]
fn damaged_files_are_mended_and_sound_ones_left_alone() {
    let dir = written();
    let path = |name: &str| dir.path().join(name);
    let config = std::fs::read(path("config.json")).unwrap();
    let weights = std::fs::read(path("model.safetensors")).unwrap();
    let before = std::fs::metadata(path("tokenizer.json")).unwrap();
    let mut flipped = weights.clone();
    flipped[weights.len() / 2] ^= 1;
    std::fs::write(path("model.safetensors"), flipped).unwrap();
    std::fs::write(path("config.json"), &config[..10]).unwrap();

    starter_decoder(dir.path()).unwrap();

    assert_eq!(std::fs::read(path("config.json")).unwrap(), config);
    assert_eq!(std::fs::read(path("model.safetensors")).unwrap(), weights);
    let after = std::fs::metadata(path("tokenizer.json")).unwrap();
    assert_eq!(before.modified().unwrap(), after.modified().unwrap());
}

#[test]
fn a_place_that_cannot_be_written_is_named() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("taken"), "a file").unwrap();
    let error = starter_decoder(&dir.path().join("taken")).unwrap_err();
    assert_eq!(error.code(), "unreadable_file");
    assert!(error.to_string().contains("taken"), "{error}");
}
