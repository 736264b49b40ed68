"""The tokens of the starter encoder and the tokenizer.json that spells words with them."""

import json
import unicodedata

WORD_PATTERN = r"[\p{Alphabetic}\p{N}]+|[^\s\p{Alphabetic}\p{N}]"
UNKNOWN = "[UNK]"


def is_latin(text):
    """True for Latin letters, digits and symbols: the teacher knows no other script well."""
    return all(not c.isalnum() or ord(c) < 128 or "LATIN" in unicodedata.name(c, "") for c in text)


def is_reachable(piece):
    """False for what normalisation rewrites or the word pattern never leaves inside a word."""
    text = piece.removeprefix("##")
    stable = unicodedata.normalize("NFKC", text).lower() == text
    return stable and (text == piece or text.isalnum())


def choose_pieces(teacher_vocab, size):
    """The `size` most frequent of the teacher's pieces (its ids fall with frequency) that our
    pipeline can meet, and every single character, so that any Latin word can be spelt."""
    ordered = sorted(teacher_vocab, key=teacher_vocab.get)
    usable = [p for p in ordered if not (p.startswith("[") and len(p) > 1)]
    usable = [p for p in usable if is_latin(p.removeprefix("##")) and is_reachable(p)]
    single = {p for p in usable if len(p.removeprefix("##")) == 1}
    longer = [p for p in usable if p not in single][: size - len(single)]
    kept = single.union(longer)
    return [p for p in usable if p in kept]


def write_tokenizer(path, pieces):
    """`pieces[i]` gets id i; the last id is the unknown token, which the encoder leaves out."""
    vocab = {piece: i for i, piece in enumerate(pieces)}
    vocab[UNKNOWN] = len(pieces)
    tokenizer = {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [],
        "normalizer": {"type": "Sequence", "normalizers": [{"type": "NFKC"}, {"type": "Lowercase"}]},
        "pre_tokenizer": {
            "type": "Split",
            "pattern": {"Regex": WORD_PATTERN},
            "behavior": "Removed",
            "invert": True,
        },
        "post_processor": None,
        "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": True},
        "model": {
            "type": "WordPiece",
            "unk_token": UNKNOWN,
            "continuing_subword_prefix": "##",
            "max_input_chars_per_word": 100,
            "vocab": vocab,
        },
    }
    text = json.dumps(tokenizer, ensure_ascii=False, separators=(",", ":"))
    path.write_text(text + "\n", encoding="utf-8")
