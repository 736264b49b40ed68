"""Builds the starter encoder: static token embeddings distilled from all-MiniLM-L6-v2.

    pip install -r requirements.txt
    python build.py

Writes config.json, tokenizer.json and model.safetensors one folder up, and the golden values that
the tests of crates/hanok-models compare with. No text corpus is used: the only input is the teacher.
"""

import json
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file
from tokenizers import Tokenizer

import vocabulary
from teacher import Teacher

HERE = Path(__file__).resolve().parent
OUT = HERE.parent
GOLDEN = HERE.parents[2] / "crates/hanok-models/tests/fixtures/starter_golden.json"

PIECES = 24_000
DIM = 256
# Smooth inverse frequency (Arora et al., 2017) with Zipf's law for the frequencies.
SIF = 1e-3
CONFIG = {
    "format": "hanok-encoder/1",
    "name": "hanok-starter-encoder",
    "dim": DIM,
    "vocab_size": PIECES + 1,
    "max_tokens": 2048,
    "max_chars": 16384,
    "hash_buckets": 1 << 20,
    "ngrams": {"word_max": 2, "char_min": 2, "char_max": 4, "word_weight": 1.0, "char_weight": 1.0},
}


def standardise(rows):
    """Centred, with a mean square of 1 over all entries: both views weigh the same."""
    centred = rows - rows.mean(0)
    return centred / centred.std()


def principal_components(rows, dim):
    """Projection on the `dim` directions of most variance, signs fixed."""
    centred = rows - rows.mean(0)
    _, directions = np.linalg.eigh(centred.T.astype(np.float64) @ centred)
    top = directions[:, ::-1][:, :dim]
    top = top * np.sign(top[np.abs(top).argmax(0), np.arange(dim)])
    return centred @ top


def sif_weights(size):
    rank = np.arange(size) + 2
    probability = 1 / rank / np.sum(1 / rank)
    return SIF / (SIF + probability)


def quantise(rows):
    scales = np.abs(rows).max(1) / 127
    scales[scales == 0] = 1
    return np.round(rows / scales[:, None]).astype(np.int8), scales.astype(np.float32)


def write_golden(tokenizer, table, scales):
    """Token ids from the reference tokenizer and the mean of the table's rows."""
    texts = json.loads((HERE / "golden_texts.json").read_text(encoding="utf-8"))
    unknown = tokenizer.token_to_id(vocabulary.UNKNOWN)
    cases = []
    for text in texts:
        ids = [i for i in tokenizer.encode(text).ids if i != unknown]
        mean = (table[ids].astype(np.float64) * scales[ids][:, None]).sum(0)
        norm = np.linalg.norm(mean)
        mean = mean / norm if norm else mean
        cases.append({"text": text, "ids": ids, "dense": [round(float(v), 6) for v in mean]})
    GOLDEN.parent.mkdir(parents=True, exist_ok=True)
    lines = ",\n".join(json.dumps(c, ensure_ascii=False, separators=(",", ":")) for c in cases)
    GOLDEN.write_text(f"[\n{lines}\n]\n", encoding="utf-8")


def main():
    teacher = Teacher()
    pieces = vocabulary.choose_pieces(teacher.tokenizer.get_vocab(), PIECES)
    own, pooled = teacher.embed_pieces(pieces)
    views = np.hstack([standardise(own), standardise(pooled)])
    rows = principal_components(views, DIM) * sif_weights(len(pieces))[:, None]
    table, scales = quantise(np.vstack([rows, np.zeros((1, DIM))]))

    vocabulary.write_tokenizer(OUT / "tokenizer.json", pieces)
    save_file({"embeddings": table, "scales": scales}, str(OUT / "model.safetensors"))
    (OUT / "model.safetensors").chmod(0o644)
    (OUT / "config.json").write_text(json.dumps(CONFIG, indent=2) + "\n", encoding="utf-8")
    write_golden(Tokenizer.from_file(str(OUT / "tokenizer.json")), table, scales)


if __name__ == "__main__":
    main()
