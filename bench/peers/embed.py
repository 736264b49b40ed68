"""Sentence embeddings by PyTorch: embed.py MODEL SENTENCES ROUNDS. Prints one line of JSON."""

import json
import resource
import statistics
import sys
import time

import torch
from transformers import AutoModel, AutoTokenizer

directory, file, rounds = sys.argv[1], sys.argv[2], int(sys.argv[3])
torch.set_num_threads(2)
tokenizer = AutoTokenizer.from_pretrained(directory)
model = AutoModel.from_pretrained(directory, attn_implementation="sdpa").eval()
with open(file, encoding="utf-8") as lines:
    sentences = [line.rstrip("\n") for line in lines]


@torch.inference_mode()
def embed(batch):
    inputs = tokenizer(batch, padding=True, truncation=True, max_length=256, return_tensors="pt")
    states = model(**inputs).last_hidden_state
    mask = inputs["attention_mask"].unsqueeze(-1)
    pooled = (states * mask).sum(1) / mask.sum(1)
    return torch.nn.functional.normalize(pooled)


seconds = []
for _ in range(rounds + 1):
    start = time.perf_counter()
    vectors = [embed(sentences[i:i + 32]) for i in range(0, len(sentences), 32)]
    seconds.append(time.perf_counter() - start)
vectors = torch.cat(vectors)
print(json.dumps({
    "sentences_per_s": len(sentences) / statistics.median(seconds[1:]),
    "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    "vectors": [[round(x, 6) for x in v] for v in vectors[:8].tolist()],
    "version": f"PyTorch {torch.__version__}",
}))
