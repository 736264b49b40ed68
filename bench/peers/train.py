"""Training steps by PyTorch and PEFT: train.py MODEL lora|full STEPS. Prints one line of JSON."""

import json
import resource
import statistics
import sys
import time

import torch
from transformers import AutoModelForCausalLM

directory, method, steps = sys.argv[1], sys.argv[2], int(sys.argv[3])
torch.set_num_threads(2)
model = AutoModelForCausalLM.from_pretrained(directory, attn_implementation="sdpa", dtype=torch.float32)
model.config.use_cache = False
if method == "lora":
    from peft import LoraConfig, get_peft_model

    torch.manual_seed(0)
    targets = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
    model = get_peft_model(model, LoraConfig(r=16, lora_alpha=32, target_modules=targets))
model.train()
weights = [p for p in model.parameters() if p.requires_grad]
optimizer = torch.optim.AdamW(weights, lr=1e-4, weight_decay=0.0, fused=True)
rows = torch.arange(4).unsqueeze(1) * 7919
ids = (rows + torch.arange(256) * 104_729) % model.config.vocab_size

losses, seconds = [], []
for _ in range(steps + 2):
    start = time.perf_counter()
    loss = model(input_ids=ids, labels=ids).loss
    loss.backward()
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)
    losses.append(loss.item())
    seconds.append(time.perf_counter() - start)
print(json.dumps({
    "tokens_per_s": ids.numel() / statistics.median(seconds[2:]),
    "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    "first_loss": losses[0],
    "last_loss": losses[-1],
    "version": f"PyTorch {torch.__version__}",
}))
