#!/usr/bin/python3
"""Writes golden/adapters: what low-rank adapters (LoRA) on models of golden/data compute, and their gradients.

A map W with an adapter computes W + alpha / rank * B @ A; here the sum is made before the forward pass, in float64, so
that nothing is shared with an implementation that keeps them apart.

    /usr/bin/python3 golden/reference/adapters.py
"""

import json
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from model import Model, Objective, cross_entropy

HERE = Path(__file__).resolve().parent.parent
# Of each model: rank, alpha, and the maps by the ends of their names.
ADAPTERS = {
  "vanilla": (2, 3.0, ("q_proj", "v_proj")),
  "vanilla_untied_mha": (3, 3.0, ("proj",)),
  "recursive_middle_cycle_ends": (2, 4.0, ("proj",)),
  "recursive_middle_cycle_kv_recursive": (4, 2.0, ("q_proj", "up_proj", "down_proj")),
  "recursive_step_gates": (1, 1.0, ("k_proj", "o_proj", "gate_proj")),
}


def write(number: int, name: str) -> None:
  rank, alpha, ends = ADAPTERS[name]
  config = json.loads((HERE / "data" / f"{name}.json").read_text())["config"]
  stored = load_file(HERE / "data" / f"{name}.safetensors")
  weights = {key[len("weights/"):]: value.double() for key, value in stored.items() if key.startswith("weights/")}
  generator = torch.Generator().manual_seed(number)
  matrices, out = {}, {}
  for key in sorted(weights):
    map_name = key.removesuffix(".weight")
    if map_name.endswith("_proj") and map_name.endswith(ends):
      outputs, inputs = weights[key].shape
      down = (torch.randn((rank, inputs), generator=generator) / inputs**0.5).double().requires_grad_()
      up = (0.3 * torch.randn((outputs, rank), generator=generator)).double().requires_grad_()
      matrices[f"{map_name}.lora_A.weight"], matrices[f"{map_name}.lora_B.weight"] = down, up
      weights[key] = weights[key] + alpha / rank * up @ down
  outcome = Model(config, weights).train(stored["ids"], Objective(), 0)
  loss = cross_entropy(outcome.logits, stored["targets"])
  loss.backward()
  for key, matrix in matrices.items():
    out[f"adapter/{key}"] = matrix.detach().float()
    out[f"gradients/{key}"] = matrix.grad.float()
  out["logits"] = outcome.logits.detach().float()
  folder = HERE / "adapters"
  folder.mkdir(exist_ok=True)
  save_file(out, folder / f"{name}.safetensors")
  maps = [key.removesuffix(".lora_A.weight") for key in matrices if key.endswith(".lora_A.weight")]
  summary = {"model": name, "rank": rank, "alpha": alpha, "maps": maps, "loss": repr(loss.item())}
  (folder / f"{name}.json").write_text(json.dumps(summary, indent=2) + "\n")


if __name__ == "__main__":
  for number, name in enumerate(ADAPTERS):
    write(number, name)
