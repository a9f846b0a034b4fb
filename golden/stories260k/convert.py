#!/usr/bin/python3
"""Converts llama2.c's first checkpoint format into a checkpoint directory and writes the reference's logits.

Usage: convert.py stories260K.bin [--out DIR]

The source rotates neighbouring components (0,1),(2,3)… of each head; a checkpoint directory rotates component i with
i + head_dim/2. So the rows of the query and key projections are reordered; nothing else changes.
"""

import argparse
import json
import struct
import sys
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "reference"))
from model import Model, cross_entropy  # noqa: E402  (the reference lives in a sibling folder)

BOS = 1
KNOWN_CONTINUATION = [403, 407, 261, 378, 432, 383, 286, 261, 376]


class Reader:
  """Little-endian float32 tensors, one after the other."""

  def __init__(self, content: bytes, offset: int):
    self.content, self.offset = bytearray(content), offset

  def take(self, *shape: int) -> Tensor:
    count = 1
    for extent in shape:
      count *= extent
    tensor = torch.frombuffer(self.content, dtype=torch.float32, count=count, offset=self.offset)
    self.offset += 4 * count
    return tensor.reshape(shape).clone()


def rotate_half_rows(weight: Tensor, head_dim: int) -> Tensor:
  """Moves each head's even rows before its odd rows."""
  heads = weight.view(-1, head_dim // 2, 2, weight.shape[1])
  return heads.transpose(1, 2).reshape(weight.shape).contiguous()


def convert(content: bytes) -> tuple[dict, dict[str, Tensor]]:
  dim, inner, layers, heads, kv_heads, vocab, length = struct.unpack_from("<7i", content)
  if min(dim, inner, layers, heads, kv_heads, vocab, length) <= 0:
    raise ValueError("not a llama2.c checkpoint of the first format with a tied head")
  head_dim = dim // heads
  kv_dim = kv_heads * head_dim
  reader = Reader(content, 7 * 4)
  embedding = reader.take(vocab, dim)
  stacks = {
    "input_layernorm": reader.take(layers, dim),
    "self_attn.q_proj": reader.take(layers, dim, dim),
    "self_attn.k_proj": reader.take(layers, kv_dim, dim),
    "self_attn.v_proj": reader.take(layers, kv_dim, dim),
    "self_attn.o_proj": reader.take(layers, dim, dim),
    "post_attention_layernorm": reader.take(layers, dim),
    "mlp.gate_proj": reader.take(layers, inner, dim),
    "mlp.down_proj": reader.take(layers, dim, inner),
    "mlp.up_proj": reader.take(layers, inner, dim),
  }
  norm = reader.take(dim)
  reader.take(2, length, head_dim // 2)  # the table of cosines and sines, which every reader computes itself
  if reader.offset != len(content):
    raise ValueError(f"{len(content)} bytes, but the header asks for {reader.offset}")
  weights = {"model.embed_tokens.weight": embedding}
  for layer in range(layers):
    for part, stack in stacks.items():
      rotated = part.endswith(("q_proj", "k_proj"))
      weight = rotate_half_rows(stack[layer], head_dim) if rotated else stack[layer].contiguous()
      weights[f"model.layers.{layer}.{part}.weight"] = weight
  weights["model.norm.weight"] = norm
  config = {
    "architectures": ["LlamaForCausalLM"],
    "model_type": "llama",
    "hidden_size": dim,
    "intermediate_size": inner,
    "num_hidden_layers": layers,
    "num_attention_heads": heads,
    "num_key_value_heads": kv_heads,
    "head_dim": head_dim,
    "vocab_size": vocab,
    "max_position_embeddings": length,
    "rms_norm_eps": 1e-5,
    "rope_theta": 10000.0,
    "tie_word_embeddings": True,
    "initializer_range": 0.02,
    "bos_token_id": BOS,
    "eos_token_id": 2,
  }
  return config, weights


def greedy(model: Model, length: int) -> Tensor:
  """[1, length]: BOS and what the model finds most likely, the whole prefix computed again for each token."""
  ids = [BOS]
  while len(ids) < length:
    ids.append(int(model.evaluate(torch.tensor([ids])).logits[0, -1].argmax()))
  return torch.tensor([ids])


def main() -> int:
  parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
  parser.add_argument("source", type=Path)
  parser.add_argument("--out", type=Path, default=Path(__file__).parent)
  arguments = parser.parse_args()
  torch.set_num_threads(1)
  config, weights = convert(arguments.source.read_bytes())
  model = Model(config, {name: weight.double() for name, weight in weights.items()})
  length = config["max_position_embeddings"]
  ids = greedy(model, length)
  if ids[0, 1 : 1 + len(KNOWN_CONTINUATION)].tolist() != KNOWN_CONTINUATION:
    raise ValueError(f"greedy continuation {ids[0, 1:10].tolist()}, known is {KNOWN_CONTINUATION}")
  logits = model.evaluate(ids).logits
  loss = cross_entropy(logits[:, :-1], ids[:, 1:]).item()
  top = logits[0].topk(2, dim=-1).values
  expected = {
    "ids": ids[0].tolist(),
    "loss_on_own_greedy_ids": repr(loss),
    "smallest_gap_of_the_two_best_logits": float(f"{(top[:, 0] - top[:, 1]).min().item():.3g}"),
  }
  directory = arguments.out
  (directory / "checkpoint").mkdir(parents=True, exist_ok=True)
  (directory / "checkpoint" / "config.json").write_text(json.dumps(config, indent=2) + "\n")
  save_file(weights, directory / "checkpoint" / "model.safetensors", metadata={"format": "pt"})
  save_file({"ids": ids[0], "logits": logits[0].float()}, directory / "expected.safetensors")
  (directory / "expected.json").write_text(json.dumps(expected) + "\n")
  print(f"loss {loss:.4f} on {length} greedy ids, gap {expected['smallest_gap_of_the_two_best_logits']}")
  return 0


if __name__ == "__main__":
  sys.exit(main())
