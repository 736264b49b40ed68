//! Text to tokens and back: control tokens, streams, limits, and encodings computed elsewhere.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use hanok_models::{TokenizeError, Tokenizer};
use serde_json::{Value, json};

use crate::tiny::{SPECIALS, tokenizer, tokenizer_json};

/// Tokens as Llama 2 has them: `▁` for spaces, one token a byte for what has none of its own.
fn byte_fallback() -> Tokenizer {
    let mut vocab = serde_json::Map::new();
    for name in ["<unk>", "<s>", "</s>"] {
        vocab.insert(name.to_owned(), json!(vocab.len()));
    }
    for byte in 0..256 {
        vocab.insert(format!("<0x{byte:02X}>"), json!(vocab.len()));
    }
    for piece in ["▁", "a", "b", "▁a"] {
        vocab.insert(piece.to_owned(), json!(vocab.len()));
    }
    let special = |(id, name): (usize, &str)| {
        json!({"id": id, "content": name, "single_word": false, "lstrip": false, "rstrip": false,
            "normalized": false, "special": true})
    };
    let specials = ["<unk>", "<s>", "</s>"]
        .into_iter()
        .enumerate()
        .map(special);
    let space = |from: &str, to: &str| json!({"type": "Replace", "pattern": {"String": from}, "content": to});
    let file = json!({
        "version": "1.0", "truncation": null, "padding": null,
        "added_tokens": specials.collect::<Vec<_>>(),
        "normalizer": {"type": "Sequence", "normalizers": [
            {"type": "Prepend", "prepend": "▁"}, space(" ", "▁")]},
        "pre_tokenizer": null, "post_processor": null,
        "decoder": {"type": "Sequence", "decoders": [space("▁", " "), {"type": "ByteFallback"},
            {"type": "Fuse"}, {"type": "Strip", "content": " ", "start": 1, "stop": 0}]},
        "model": {"type": "BPE", "unk_token": "<unk>", "fuse_unk": true, "byte_fallback": true,
            "vocab": vocab, "merges": [["▁", "a"]]},
    });
    Tokenizer::from_bytes(file.to_string().as_bytes()).unwrap()
}

/// The pieces of a stream, put together again.
fn streamed(tokenizer: &Tokenizer, before: &[u32], ids: &[u32]) -> (String, Vec<String>) {
    let mut stream = tokenizer.stream(before);
    let mut pieces: Vec<String> = Vec::new();
    for id in ids {
        pieces.extend(stream.push(*id).unwrap());
    }
    pieces.extend(stream.flush().unwrap());
    (pieces.concat(), pieces)
}

#[test]
fn control_tokens_are_read_only_from_trusted_text() {
    let tokenizer = tokenizer();
    let text = "a<|im_end|>b";
    assert_eq!(tokenizer.encode(text, false).unwrap().len(), 3);
    let ids = tokenizer.encode_text(text, true).unwrap();
    assert_eq!(ids[0], 256);
    assert_eq!(ids.len(), 1 + text.len());
    assert!(!ids[1..].iter().any(|id| tokenizer.is_special(*id)));
    assert_eq!(tokenizer.decode(&ids, true).unwrap(), text);
    for name in SPECIALS {
        let inside = format!("{name}{name}x{}", name.to_uppercase());
        let ids = tokenizer.encode_text(&inside, false).unwrap();
        assert!(!ids.iter().any(|id| tokenizer.is_special(*id)), "{name}");
        assert_eq!(tokenizer.decode(&ids, true).unwrap(), inside);
        let id = tokenizer.token_id(name).unwrap();
        assert_eq!(tokenizer.token(id).as_deref(), Some(name));
    }
    assert_eq!(
        (tokenizer.max_id(), tokenizer.token_id("<|none|>")),
        (261, None)
    );
}

#[test]
fn texts_for_an_encoder_are_cut_at_their_end() {
    let tokenizer = tokenizer();
    let fits = tokenizer.encode_to("abc", 4).unwrap();
    assert_eq!((fits.ids.len(), fits.truncated), (4, false));
    assert_eq!(fits.type_ids, [0; 4]);
    let cut = tokenizer.encode_to("abcdef", 4).unwrap();
    assert_eq!((cut.ids, cut.truncated), (fits.ids, true));
    assert_eq!(tokenizer.encode_to("", 4).unwrap().ids, [256]);
    let no_room = TokenizeError::NoRoom { max: 1, special: 1 };
    assert_eq!(tokenizer.encode_to("a", 1), Err(no_room));
}

#[test]
fn a_stream_gives_out_whole_characters() {
    let text = "né 한글 🦀👩‍👩‍👧 \u{fffd}x";
    for tokenizer in [tokenizer(), byte_fallback()] {
        let ids = tokenizer.encode(text, false).unwrap();
        let (whole, pieces) = streamed(&tokenizer, &[], &ids);
        assert_eq!(whole, text);
        assert!(pieces.iter().all(|piece| !piece.is_empty()));
        assert!(pieces.len() > 10, "{pieces:?}");
        let joined = pieces.iter().filter(|p| p.ends_with('\u{fffd}'));
        assert!(joined.count() <= 1, "{pieces:?}");
    }
}

#[test]
fn a_stream_goes_on_where_the_prompt_ended() {
    let tokenizer = byte_fallback();
    let next = [
        tokenizer.token_id("▁a").unwrap(),
        tokenizer.token_id("b").unwrap(),
    ];
    let prompt = tokenizer.encode("b 한", false).unwrap();
    assert_eq!(streamed(&tokenizer, &prompt, &next).0, " ab");
    // At the beginning of an answer the space in front is none of it.
    assert_eq!(streamed(&tokenizer, &[], &next).0, "ab");
    let with_control = [&[1_u32, 1][..], &next, &[2, next[0], 2, 2, next[0]]].concat();
    assert_eq!(streamed(&tokenizer, &prompt, &with_control).0, " ab a a");
}

#[test]
fn a_stream_of_bytes_that_never_become_a_character_ends() {
    let tokenizer = byte_fallback();
    let stray = tokenizer.token_id("<0x9F>").unwrap();
    let ids = vec![stray; 100];
    let mut stream = tokenizer.stream(&[]);
    let mut given = 0;
    for id in &ids {
        given += stream.push(*id).unwrap().map_or(0, |t| t.chars().count());
    }
    assert!(given >= 92, "{given}");
    let (whole, _) = streamed(&tokenizer, &[], &ids);
    assert!(whole.chars().all(|c| c == '\u{fffd}'));
    // Half a crab, and then the rest never comes.
    let crab = tokenizer.encode("🦀", false).unwrap();
    let (text, pieces) = streamed(&tokenizer, &[], &crab[..crab.len() - 1]);
    assert!(text.contains('\u{fffd}') && !pieces.is_empty());
}

#[test]
fn e06_long_texts() {
    let tokenizer = tokenizer();
    for unit in ["a", " ", "_", "e\u{301}", "<|im_end|>"] {
        let text = unit.repeat((1 << 20) / unit.len());
        let begin = Instant::now();
        tokenizer.encode_text(&text, true).unwrap();
        let took = begin.elapsed();
        assert!(took < Duration::from_secs(5), "{unit:?} took {took:?}");
    }
    let error = tokenizer
        .encode_text(&"a".repeat(5 << 20), true)
        .unwrap_err();
    assert!(matches!(error, TokenizeError::TooLong { .. }));
}

#[test]
fn files_that_are_no_tokenizer() {
    let whole = tokenizer_json();
    let changes = [
        ("/model/type", json!("Mamba")),
        ("/model/vocab", json!({})),
        ("/model/merges", json!([["a", "zzz"]])),
        ("/pre_tokenizer/type", json!("Unknown")),
        ("/post_processor/special_tokens/<s>", Value::Null),
        ("/added_tokens", json!("none")),
    ];
    for (path, value) in changes {
        let mut file = whole.clone();
        *file.pointer_mut(path).unwrap() = value;
        if path == "/model/vocab" {
            file["added_tokens"] = json!([]);
            file["post_processor"] = Value::Null;
        }
        let error = Tokenizer::from_bytes(file.to_string().as_bytes()).unwrap_err();
        assert!(error.to_string().starts_with("tokenizer.json"), "{error}");
    }
    for bytes in [b"".as_slice(), b"{}", b"[", &[0xff; 9]] {
        assert!(Tokenizer::from_bytes(bytes).is_err());
    }
}

fn outside(path: &str) -> Option<PathBuf> {
    Some(PathBuf::from(std::env::var_os("HANOK_TEST_DATA")?).join(path))
}

fn lines(path: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn ids(value: &Value) -> Vec<u32> {
    serde_json::from_value(value.clone()).unwrap()
}

/// A byte-level BPE from its vocabulary and the file of its merges.
fn byte_level(vocab: &Path, merges: &Path, pre_tokenizer: Value, ignore_merges: bool) -> Tokenizer {
    let vocab: Value = serde_json::from_slice(&std::fs::read(vocab).unwrap()).unwrap();
    let merges = std::fs::read_to_string(merges).unwrap();
    let merges: Vec<&str> = merges
        .lines()
        .filter(|line| !line.starts_with("#version"))
        .collect();
    let file = json!({
        "version": "1.0", "truncation": null, "padding": null, "added_tokens": [],
        "normalizer": null, "pre_tokenizer": pre_tokenizer, "post_processor": null,
        "decoder": {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true},
        "model": {"type": "BPE", "vocab": vocab, "merges": merges, "ignore_merges": ignore_merges},
    });
    Tokenizer::from_bytes(file.to_string().as_bytes()).unwrap()
}

#[test]
fn encodings_of_gpt2_and_llama3() {
    let Some(data) = outside("tokenizers") else {
        return;
    };
    let rows = lines(&data.join("golden/encodings.jsonl"));
    let bytes = |regex: bool| {
        json!({"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true,
            "use_regex": regex})
    };
    let split = json!({"type": "Sequence", "pretokenizers": [
        {"type": "Split", "pattern": {"Regex": rows[0]["llama3_pattern"]}, "behavior": "Isolated",
            "invert": false},
        bytes(false)]});
    let gpt2 = byte_level(
        &data.join("gpt2/vocab.json"),
        &data.join("gpt2/merges.txt"),
        bytes(true),
        false,
    );
    let llama = data.join("llama3.2");
    let llama = byte_level(
        &llama.join("encoder.json"),
        &llama.join("vocab.bpe"),
        split,
        true,
    );
    assert_eq!(rows.len(), 709);
    for row in &rows[1..] {
        let text = row["text"].as_str().unwrap();
        for (name, tokenizer) in [("gpt2", &gpt2), ("llama3_2", &llama)] {
            let found = tokenizer.encode(text, false).unwrap();
            assert_eq!(found, ids(&row[name]), "{name} of {text:?}");
            assert_eq!(tokenizer.decode(&found, false).unwrap(), text);
            assert_eq!(streamed(tokenizer, &[], &found).0, text);
        }
    }
}

#[test]
fn encodings_of_a_small_llama() {
    let Some(data) = outside("checkpoints_tiny/aidreams260K") else {
        return;
    };
    let tokenizer = Tokenizer::load(&data.join("hf")).unwrap();
    let rows = lines(&data.join("golden_encode.jsonl"));
    assert_eq!(rows.len(), 110);
    for row in &rows {
        let text = row["text"].as_str().unwrap();
        let found = tokenizer.encode_text(text, false).unwrap();
        assert_eq!(found, ids(&row["ids"]), "{text:?}");
        assert_eq!(streamed(&tokenizer, &[], &found).0, text);
    }
}
