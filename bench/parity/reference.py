"""The decoder of src/engine/nn/decoder.ts in PyTorch, written from its definition: no fused op, an explicit mask, the
rotation as a product of complex numbers. Trains it on the batches of bench/parity/ours.ts, from the same weights, and
compares every number:

    python3 bench/parity/reference.py OUT.json FOLDER...

Each FOLDER holds index.json and tensors.bin of one kernel path. What PyTorch makes in float64 is the truth; what it makes
in float32 and with bfloat16 autocast shows which error is usual.
"""

import json
import math
import sys

import numpy as np
import torch
import torch.nn.functional as F

IGNORED = 0xFFFFFFFF


class Run:
    """What one run of bench/parity/ours.ts wrote."""

    def __init__(self, folder):
        with open(f"{folder}/index.json") as file:
            self.index = json.load(file)
        self.bytes = np.memmap(f"{folder}/tensors.bin", dtype=np.uint8, mode="r")
        self.names = [name[3:] for name in self.index["tensors"] if name.startswith("w0.")]

    def load(self, name):
        entry = self.index["tensors"][name]
        dtype = np.dtype("<u4" if entry["dtype"] == "u32" else "<f4")
        count = int(np.prod(entry["shape"]))
        start = entry["offset"]
        return self.bytes[start : start + count * dtype.itemsize].view(dtype).reshape(entry["shape"])

    def batch(self, k):
        targets = self.load(f"targets.{k}").astype(np.int64)
        targets[targets == IGNORED] = -100
        return torch.from_numpy(self.load(f"tokens.{k}").astype(np.int64)), torch.from_numpy(targets)


def layernorm(x, gamma, beta):
    mean = x.mean(-1, keepdim=True)
    variance = ((x - mean) ** 2).mean(-1, keepdim=True)
    return (x - mean) / torch.sqrt(variance + 1e-5) * gamma + beta


def logits_of(W, tokens, config):
    """W by name; the logits [B, T, V]."""
    H, C, mlp = config["nHead"], config["width"], config["mlpWidth"]
    D = C // H
    B, T = tokens.shape
    real = W["embed"].dtype
    frequencies = 10_000.0 ** (-2 * torch.arange(D // 2).double() / D)
    angles = torch.outer(torch.arange(T).double(), frequencies)
    turn = torch.polar(torch.ones_like(angles), angles).to(torch.complex128 if real == torch.double else torch.complex64)
    mask = torch.full((T, T), -math.inf).triu(1).to(real)

    def rotate(x):
        near, far = x.to(real).chunk(2, dim=-1)
        turned = torch.complex(near.contiguous(), far.contiguous()) * turn
        return torch.cat((turned.real, turned.imag), -1)

    x = F.embedding(tokens, W["embed"])
    for layer in range(config["nLayer"]):
        p = f"layers.{layer}."
        h = F.linear(layernorm(x, W[p + "attention_norm.gamma"], W[p + "attention_norm.beta"]), W[p + "qkv"])
        q, k, v = (part.view(B, T, H, D).transpose(1, 2) for part in h.split(C, -1))
        scores = rotate(q) @ rotate(k).transpose(-1, -2) / math.sqrt(D) + mask
        mixed = torch.softmax(scores, -1) @ v
        x = x + F.linear(mixed.transpose(1, 2).reshape(B, T, C), W[p + "attention_out"])
        h = F.linear(layernorm(x, W[p + "mlp_norm.gamma"], W[p + "mlp_norm.beta"]), W[p + "gate_up"])
        gate, up = h.split(mlp, -1)
        x = x + F.linear(gate * torch.sigmoid(gate) * up, W[p + "down"])
    return F.linear(layernorm(x, W["norm.gamma"], W["norm.beta"]), W["embed"])


def train(run, dtype, autocast=False):
    """Ten steps: losses, norms, gradients of every step, weights after the first and the last, first logits."""
    config, optimizer = run.index["config"], run.index["optimizer"]
    W = {name: torch.from_numpy(run.load(f"w0.{name}").copy()).to(dtype).requires_grad_() for name in run.names}
    groups = [
        dict(params=[w for w in W.values() if w.dim() > 1], weight_decay=optimizer["weightDecay"]),
        dict(params=[w for w in W.values() if w.dim() == 1], weight_decay=0.0),
    ]
    adamw = torch.optim.AdamW(
        groups, lr=0.0, betas=(optimizer["beta1"], optimizer["beta2"]), eps=optimizer["eps"], foreach=False
    )
    made = dict(losses=[], norms=[], tensors={})
    rates = run.index["learningRates"]
    for k, rate in enumerate(rates):
        for group in adamw.param_groups:
            group["lr"] = rate
        tokens, targets = run.batch(k)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=autocast):
            logits = logits_of(W, tokens, config)
        logits = logits.to(dtype)
        loss = F.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=-100)
        loss.backward()
        if k == 0:
            made["tensors"]["logits"] = logits.detach().numpy().copy()
        for name, w in W.items():
            made["tensors"][f"g{k}.{name}"] = w.grad.numpy().copy()
        made["norms"].append(torch.nn.utils.clip_grad_norm_(list(W.values()), optimizer["clipNorm"]).item())
        adamw.step()
        adamw.zero_grad(set_to_none=True)
        made["losses"].append(loss.item())
        if k in (0, len(rates) - 1):
            for name, w in W.items():
                made["tensors"][f"w{k + 1}.{name}"] = w.detach().numpy().copy()
    return made


def difference(found, truth):
    """‖found - truth‖ / ‖truth‖"""
    found, truth = found.astype(np.float64), truth.astype(np.float64)
    return float(np.linalg.norm(found - truth) / np.linalg.norm(truth))


def worst(names, error_of):
    """The largest error and its tensor. A NaN is the largest of all."""
    errors = {name: error_of(name) for name in names}
    at = max(errors, key=lambda name: (math.isnan(errors[name]), errors[name]))
    return dict(worst=errors[at], tensor=at, median=float(np.median(list(errors.values()))))


def compare(losses, norms, load, truth, first, names):
    """`load` gives a tensor by name; `first` the weights before the first step."""
    steps = len(truth["losses"])
    expected = truth["tensors"]
    logits = load("logits")
    relative = lambda found, true: max(abs(a / b - 1) if a == a else math.nan for a, b in zip(found, true))
    weights = [f"w{k}.{name}" for k in (1, steps) for name in names]
    # In the first step AdamW moves a weight by the learning rate in the direction of its gradient, however small that is:
    # rounding decides the direction of some. So updates differ more than gradients do.
    moved = lambda name, w: w - first(f"w0.{name.split('.', 1)[1]}")
    return dict(
        logits=difference(logits, expected["logits"]),
        sameChoice=float(np.mean(logits.argmax(-1) == expected["logits"].argmax(-1))),
        losses=relative(losses, truth["losses"]),
        norms=relative(norms, truth["norms"]),
        firstGradients=worst(
            [f"g0.{name}" for name in names], lambda name: difference(load(name), expected[name])
        ),
        gradients=worst(
            [f"g{k}.{name}" for k in range(steps) for name in names],
            lambda name: difference(load(name), expected[name]),
        ),
        weights=worst(weights, lambda name: difference(load(name), expected[name])),
        updates=worst(
            weights,
            lambda name: difference(
                moved(name, load(name).astype(np.float64)), moved(name, expected[name].astype(np.float64))
            ),
        ),
    )


def main(out, folders):
    torch.manual_seed(0)
    runs = [Run(folder) for folder in folders]
    first = runs[0]
    for run in runs[1:]:
        for name in first.index["tensors"]:
            if name.startswith(("w0.", "tokens.", "targets.")) and not np.array_equal(run.load(name), first.load(name)):
                sys.exit(f"{name} is not the same in all runs")
    truth = train(first, torch.float64)
    report = dict(torch=torch.__version__, parameters=sum(first.load(f"w0.{n}").size for n in first.names))
    report["losses"] = truth["losses"]
    results = report["results"] = {}
    for name, dtype, autocast in [("PyTorch f32", torch.float32, False), ("PyTorch bf16", torch.float32, True)]:
        made = train(first, dtype, autocast)
        results[name] = compare(
            made["losses"], made["norms"], lambda n: made["tensors"][n], truth, first.load, first.names
        )
    for run in runs:
        path = run.index["header"]["kernels"]
        results[path] = compare(run.index["losses"], run.index["norms"], run.load, truth, first.load, run.names)
    with open(out, "w") as file:
        json.dump(report, file)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
