"""Times training of the same decoder in PyTorch (src/engine/nn/decoder.ts: StableLM's layout).

    python3 bench/gpu/pytorch.py --preset tier-a --batch 8 --context 1024 --out FILE [--seconds 20] [--modes ...]

Modes: eager or compile, each in bf16 (autocast; attention by scaled_dot_product_attention, flash where possible) or
fp32 (TF32 off). The output, one JSON object with a result per mode, is rewritten after every mode, so an interrupted run
keeps its results.
"""

import argparse
import json
import statistics
import subprocess
import time

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.nn.attention import SDPBackend, sdpa_kernel

# The presets of src/engine/nn/config.ts; all have a tied head.
PRESETS = {
    "tiny": dict(vocab=1024, context=256, layers=4, heads=4, width=128, mlp=352),
    "carry": dict(vocab=8192, context=512, layers=8, heads=8, width=512, mlp=1408),
    "sanity": dict(vocab=16384, context=512, layers=12, heads=10, width=640, mlp=1728),
    "tier-a": dict(vocab=16384, context=1024, layers=24, heads=16, width=1024, mlp=2752),
    "tier-b": dict(vocab=16384, context=1024, layers=24, heads=24, width=1536, mlp=4096),
}
MODES = ["eager-bf16", "compile-bf16", "eager-fp32", "compile-fp32"]
WARM_UP = 3


def rotate(x, cos, sin):
    """x [B, heads, T, headDim]: rotates dimension d with d + headDim/2."""
    near, far = x.chunk(2, dim=-1)
    return torch.cat((near * cos - far * sin, far * cos + near * sin), dim=-1).to(x.dtype)


class Block(nn.Module):
    def __init__(self, heads, width, mlp):
        super().__init__()
        self.heads = heads
        self.attention_norm = nn.LayerNorm(width, eps=1e-5)
        self.qkv = nn.Linear(width, 3 * width, bias=False)
        self.attention_out = nn.Linear(width, width, bias=False)
        self.mlp_norm = nn.LayerNorm(width, eps=1e-5)
        self.gate_up = nn.Linear(width, 2 * mlp, bias=False)
        self.down = nn.Linear(mlp, width, bias=False)

    def forward(self, x, cos, sin):
        B, T, C = x.shape
        qkv = self.qkv(self.attention_norm(x)).view(B, T, 3, self.heads, C // self.heads)
        q, k, v = qkv.permute(2, 0, 3, 1, 4)
        mixed = F.scaled_dot_product_attention(rotate(q, cos, sin), rotate(k, cos, sin), v, is_causal=True)
        x = x + self.attention_out(mixed.transpose(1, 2).reshape(B, T, C))
        gate, up = self.gate_up(self.mlp_norm(x)).chunk(2, dim=-1)
        return x + self.down(F.silu(gate) * up)


class Decoder(nn.Module):
    def __init__(self, vocab, context, layers, heads, width, mlp):
        super().__init__()
        self.embed = nn.Embedding(vocab, width)
        self.layers = nn.ModuleList(Block(heads, width, mlp) for _ in range(layers))
        self.norm = nn.LayerNorm(width, eps=1e-5)
        half = width // heads // 2
        angles = torch.outer(torch.arange(context).double(), 10_000 ** (-torch.arange(half).double() / half))
        self.register_buffer("cos", angles.cos().float())
        self.register_buffer("sin", angles.sin().float())
        for name, parameter in self.named_parameters():
            if parameter.dim() > 1:
                residual = name.endswith(("attention_out.weight", "down.weight"))
                nn.init.normal_(parameter, std=0.02 / (2 * layers) ** 0.5 if residual else 0.02)

    def forward(self, tokens, targets):
        T = tokens.shape[1]
        x = self.embed(tokens)
        for layer in self.layers:
            x = layer(x, self.cos[:T], self.sin[:T])
        logits = F.linear(self.norm(x), self.embed.weight)
        return F.cross_entropy(logits.flatten(0, 1).float(), targets.flatten())


def optimizer_for(model, device):
    matrices = [p for p in model.parameters() if p.dim() > 1]
    norms = [p for p in model.parameters() if p.dim() <= 1]
    groups = [dict(params=matrices, weight_decay=0.1), dict(params=norms, weight_decay=0.0)]
    return torch.optim.AdamW(groups, lr=3e-4, betas=(0.9, 0.95), eps=1e-8, fused=device == "cuda")


def device_bytes():
    """Memory in use on the first GPU by all processes, measured as in our own bench."""
    try:
        command = ["nvidia-smi", "--query-gpu=memory.used", "--format=csv,noheader,nounits", "--id=0"]
        return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout) * 2**20
    except (OSError, ValueError, subprocess.CalledProcessError):
        return None


def flash_serves(heads, width):
    """Whether the flash kernel supports such heads in bf16: as the only backend it must not refuse them."""
    q = torch.randn(1, heads, 128, width // heads, device="cuda", dtype=torch.bfloat16)
    try:
        with sdpa_kernel(SDPBackend.FLASH_ATTENTION):
            F.scaled_dot_product_attention(q, q, q, is_causal=True)
        return True
    except RuntimeError:
        return False


def bench(mode, arguments, device):
    strategy, precision = mode.split("-")
    shape = PRESETS[arguments.preset]
    B, T = arguments.batch, arguments.context
    torch.manual_seed(1)
    synchronize = torch.cuda.synchronize if device == "cuda" else lambda: None
    if device == "cuda":
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()
    model = Decoder(**{**shape, "context": max(T, shape["context"])}).to(device)
    optimizer = optimizer_for(model, device)
    run = torch.compile(model) if strategy == "compile" else model
    stream = torch.randint(shape["vocab"], (B * T + 1,), device=device)
    tokens, targets = stream[:-1].view(B, T), stream[1:].view(B, T)

    def step():
        with torch.autocast(device, dtype=torch.bfloat16, enabled=precision == "bf16"):
            loss = run(tokens, targets)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        return loss.detach()

    first = step().item()
    for _ in range(WARM_UP - 1):
        step()
    synchronize()
    start = time.perf_counter()
    step()
    synchronize()
    group = max(1, round(0.2 / (time.perf_counter() - start)))
    times, begin = [], time.perf_counter()
    while len(times) < 3 or (len(times) < 9 and time.perf_counter() - begin < arguments.seconds):
        start = time.perf_counter()
        for _ in range(group):
            loss = step()
        synchronize()
        times.append((time.perf_counter() - start) / group)
    last = loss.item()
    if not last < first:  # also when it is NaN
        raise RuntimeError(f"the loss went from {first} to {last}: the steps do not train")
    quartiles = statistics.quantiles(times, n=4, method="inclusive")
    result = dict(
        mode=mode,
        medianMs=1000 * quartiles[1],
        spread=(quartiles[2] - quartiles[0]) / quartiles[1],
        samples=len(times),
        tokensPerSecond=B * T / quartiles[1],
        loss=dict(first=first, last=last),
    )
    if device == "cuda":
        result["memory"] = dict(
            peakBytes=torch.cuda.max_memory_allocated(),
            reservedBytes=torch.cuda.max_memory_reserved(),
            deviceBytes=device_bytes(),
        )
        result["flashAttention"] = precision == "bf16" and flash_serves(shape["heads"], shape["width"])
    return result


def matmul_rates():
    """TFLOP/s of torch's matrix products at 4096³, the yardstick for the tensor path."""
    rates = {}
    for name, dtype in [("bf16", torch.bfloat16), ("fp32", torch.float32)]:
        a, b = (torch.randn(4096, 4096, device="cuda", dtype=dtype) for _ in range(2))
        times = []
        for i in range(12):
            start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
            start.record()
            c = a @ b
            end.record()
            torch.cuda.synchronize()
            if i >= 3:
                times.append(start.elapsed_time(end))
        assert torch.isfinite(c).all()
        rates[name] = 2 * 4096**3 / (statistics.median(times) / 1000)
    return rates


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--preset", choices=PRESETS, default="tier-a")
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--context", type=int, default=1024)
    parser.add_argument("--seconds", type=float, default=15, help="of timing, for each mode")
    parser.add_argument("--modes", nargs="+", choices=MODES, default=MODES)
    parser.add_argument("--out", required=True)
    arguments = parser.parse_args()
    device = "cuda" if torch.cuda.is_available() else "cpu"
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.allow_tf32 = False
    report = dict(
        kind="pytorch",
        version=torch.__version__,
        device=torch.cuda.get_device_name() if device == "cuda" else "cpu",
        shape=dict(preset=arguments.preset, B=arguments.batch, T=arguments.context),
        results=[],
    )
    if device == "cuda":
        report["matmul4096FlopsPerSecond"] = matmul_rates()
    for mode in arguments.modes:
        try:
            report["results"].append(bench(mode, arguments, device))
        except Exception as error:  # a failing mode must not end the others
            report["results"].append(dict(mode=mode, failed=f"{type(error).__name__}: {error}"[:300]))
        torch.compiler.reset()
        with open(arguments.out, "w") as file:
            json.dump(report, file, indent=2)
        print(json.dumps(report["results"][-1]), flush=True)


if __name__ == "__main__":
    main()
