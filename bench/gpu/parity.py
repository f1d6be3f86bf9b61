"""Compares our logits of an exported model with those of transformers: python3 bench/gpu/parity.py FOLDER

bench/gpu/parity.ts writes FOLDER: config.json, model.safetensors, and logits.json with our tokens and logits.
Writes FOLDER/parity.json. Exits with 1 if the logits differ by more than f32 rounding explains.
"""

import json
import sys

import torch
from transformers import StableLmForCausalLM

TOLERANCE = 1e-4


def main(folder):
    with open(f"{folder}/logits.json") as file:
        ours = json.load(file)
    model = StableLmForCausalLM.from_pretrained(folder, torch_dtype=torch.float32).eval()
    tokens = torch.tensor([ours["tokens"]])
    with torch.no_grad():
        logits = model(tokens).logits[0].double()
    expected = torch.tensor(ours["logits"], dtype=torch.float64).view_as(logits)
    difference = ((expected - logits).norm() / logits.norm()).item()
    same_choice = (expected.argmax(-1) == logits.argmax(-1)).double().mean().item()
    result = dict(kind="parity", relativeDifference=difference, sameChoice=same_choice, tolerance=TOLERANCE)
    with open(f"{folder}/parity.json", "w") as file:
        json.dump(result, file)
    print(json.dumps(result))
    return 0 if difference <= TOLERANCE else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
