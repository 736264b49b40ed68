"""Writes the model that both sides of the training bench load: random, from a seed."""

import sys
from pathlib import Path

import torch
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM

VOCABULARY = 32_000

directory = Path(sys.argv[1])
torch.manual_seed(0)
config = LlamaConfig(
    hidden_size=896,
    intermediate_size=4864,
    num_attention_heads=14,
    num_key_value_heads=2,
    vocab_size=VOCABULARY,
    num_hidden_layers=4,
    tie_word_embeddings=False,
    max_position_embeddings=2048,
)
LlamaForCausalLM(config).save_pretrained(directory)
words = Tokenizer(models.WordLevel({f"w{i}": i for i in range(VOCABULARY)}, unk_token="w0"))
words.pre_tokenizer = pre_tokenizers.Whitespace()
words.save(str(directory / "tokenizer.json"))
