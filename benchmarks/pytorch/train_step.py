#!/usr/bin/python3
"""Training speed of a Llama-shaped model written plainly in Python PyTorch: the baseline Saiki is measured against.

A step is everything a trainer does: forward, cross entropy, backward, clipping by global norm, AdamW (fused).
Prints one JSON line per variant. `--variant all` measures each in its own process.

  train_step.py --shape small --variant fp32-sdpa --threads 2
  train_step.py --shape 135m --variant all --sweep

Variants are precision-attention[-compiled]:
  precision  fp32; autocast (bf16 by torch.autocast); bf16 (a bf16 model, fp32 master weights in the optimizer)
  attention  sdpa (F.scaled_dot_product_attention); explicit (batched matrix products and a softmax)
  compiled   torch.compile of forward and loss (needs g++)
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path


@dataclass(frozen=True)
class Shape:
  hidden: int
  layers: int
  heads: int
  kv_heads: int
  inner: int
  vocab: int
  sequences: int
  length: int
  head_dim: int = 64


SHAPES = {
  "small": Shape(256, 8, 4, 4, 704, 4096, sequences=8, length=256),
  "135m": Shape(576, 30, 9, 3, 1536, 49152, sequences=2, length=512),
  "360m": Shape(960, 32, 15, 5, 2560, 49152, sequences=2, length=512),
}
PRECISIONS, ATTENTIONS = ("fp32", "autocast", "bf16"), ("sdpa", "explicit")
VARIANTS = [f"{p}-{a}{c}" for c in ("", "-compiled") for p in PRECISIONS for a in ATTENTIONS]


def parse() -> argparse.Namespace:
  parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
  parser.add_argument("--shape", choices=SHAPES, default="small")
  parser.add_argument("--variant", action="append", choices=[*VARIANTS, "all"], help="repeatable; default fp32-sdpa")
  parser.add_argument("--device", default="cpu", help="cpu, or a GPU as PyTorch spells it, such as cuda")
  parser.add_argument("--sequences", type=int, help="rows of a batch; left out: those of the shape")
  parser.add_argument("--threads", type=int, default=os.cpu_count(), help="PyTorch's own threads")
  parser.add_argument("--blas-threads", type=int, help="threads of OpenBLAS; left out: its own choice")
  parser.add_argument("--passive-wait", action="store_true", help="OMP_WAIT_POLICY=passive")
  parser.add_argument("--sweep", action="store_true", help="each variant at every sensible thread setting")
  parser.add_argument("--steps", type=int, default=10, help="measured steps")
  parser.add_argument("--warmup", type=int, default=3, help="steps before measuring")
  return parser.parse_args()


def thread_settings(arguments: argparse.Namespace) -> list[list[str]]:
  """The setting asked for, or for a sweep: all cores with OpenBLAS held at one thread, left alone, and one core."""
  if arguments.sweep:
    cores = str(arguments.threads)
    return [
      ["--threads", cores, "--blas-threads", "1"],
      ["--threads", cores, "--blas-threads", "1", "--passive-wait"],
      ["--threads", cores],
      ["--threads", "1", "--blas-threads", "1"],
    ]
  setting = ["--threads", str(arguments.threads)]
  if arguments.blas_threads is not None:
    setting += ["--blas-threads", str(arguments.blas_threads)]
  if arguments.passive_wait:
    setting.append("--passive-wait")
  return [setting]


def in_own_processes(arguments: argparse.Namespace, variants: list[str]) -> int:
  """One process a measurement, so that thread pools, allocators and compilers do not meet."""
  common = ["--shape", arguments.shape, "--steps", str(arguments.steps), "--warmup", str(arguments.warmup),
            "--device", arguments.device]
  if arguments.sequences is not None:
    common += ["--sequences", str(arguments.sequences)]
  failed = False
  for variant in variants:
    for setting in thread_settings(arguments):
      command = [sys.executable, __file__, "--variant", variant, *common, *setting]
      failed |= subprocess.run(command).returncode != 0
  return int(failed)


def loaded_blas() -> str:
  """The BLAS this process really uses, by its file; Debian's choice is made by update-alternatives."""
  names = {Path(line.split()[-1]).resolve() for line in open("/proc/self/maps") if "blas" in line}
  return ", ".join(sorted(f"{path.parent.name}/{path.name}" for path in names)) or "unknown"


def build(shape: Shape, attention: str):
  """The model as a practitioner would write it: nn.Module, tied head, pre-norm, rotate-half RoPE, SwiGLU."""
  import torch
  import torch.nn.functional as F
  from torch import nn

  class RmsNorm(nn.Module):
    def __init__(self):
      super().__init__()
      self.weight = nn.Parameter(torch.ones(shape.hidden))

    def forward(self, x):
      return F.rms_norm(x, (shape.hidden,), self.weight.to(x.dtype), 1e-5)

  class Attention(nn.Module):
    def __init__(self):
      super().__init__()
      query, kv = shape.heads * shape.head_dim, shape.kv_heads * shape.head_dim
      self.q = nn.Linear(shape.hidden, query, bias=False)
      self.k = nn.Linear(shape.hidden, kv, bias=False)
      self.v = nn.Linear(shape.hidden, kv, bias=False)
      self.o = nn.Linear(query, shape.hidden, bias=False)

    def forward(self, x, cos, sin, mask):
      batch, length, _ = x.shape

      def split(y, heads):
        return y.view(batch, length, heads, shape.head_dim).transpose(1, 2)

      def rotate(y):
        first, second = y.chunk(2, dim=-1)
        return y * cos + torch.cat((-second, first), dim=-1) * sin

      q, k, v = split(self.q(x), shape.heads), split(self.k(x), shape.kv_heads), split(self.v(x), shape.kv_heads)
      q, k = rotate(q), rotate(k)
      if shape.kv_heads != shape.heads:
        k = k.repeat_interleave(shape.heads // shape.kv_heads, dim=1)
        v = v.repeat_interleave(shape.heads // shape.kv_heads, dim=1)
      if attention == "sdpa":
        mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True)
      else:
        scores = q @ k.transpose(2, 3) * shape.head_dim**-0.5
        mixed = torch.softmax(scores + mask.to(scores.dtype), dim=-1).to(v.dtype) @ v
      return self.o(mixed.transpose(1, 2).reshape(batch, length, -1))

  class Layer(nn.Module):
    def __init__(self):
      super().__init__()
      self.attention, self.norm1, self.norm2 = Attention(), RmsNorm(), RmsNorm()
      self.gate = nn.Linear(shape.hidden, shape.inner, bias=False)
      self.up = nn.Linear(shape.hidden, shape.inner, bias=False)
      self.down = nn.Linear(shape.inner, shape.hidden, bias=False)

    def forward(self, x, cos, sin, mask):
      x = x + self.attention(self.norm1(x), cos, sin, mask)
      y = self.norm2(x)
      return x + self.down(F.silu(self.gate(y)) * self.up(y))

  class Model(nn.Module):
    def __init__(self):
      super().__init__()
      self.embedding = nn.Embedding(shape.vocab, shape.hidden)
      self.layers = nn.ModuleList(Layer() for _ in range(shape.layers))
      self.norm = RmsNorm()
      for parameter in self.parameters():
        if parameter.dim() == 2:
          nn.init.normal_(parameter, std=0.02)
      half = shape.head_dim // 2
      angles = torch.arange(shape.length)[:, None] * 10000.0 ** (-torch.arange(half) / half)
      angles = torch.cat((angles, angles), dim=-1)
      self.register_buffer("cos", angles.cos())
      self.register_buffer("sin", angles.sin())
      self.register_buffer("mask", torch.full((shape.length, shape.length), float("-inf")).triu(1))

    def forward(self, ids, targets):
      x = self.embedding(ids)
      cos, sin = self.cos.to(x.dtype), self.sin.to(x.dtype)
      for layer in self.layers:
        x = layer(x, cos, sin, self.mask)
      logits = F.linear(self.norm(x), self.embedding.weight)
      return F.cross_entropy(logits.flatten(0, 1).float(), targets.flatten())

  return Model()


def measure(arguments: argparse.Namespace, variant: str) -> dict:
  for name in [key for key in os.environ if key.startswith("OPENBLAS_")]:
    del os.environ[name]
  if arguments.blas_threads is not None:
    os.environ["OPENBLAS_NUM_THREADS"] = str(arguments.blas_threads)
  if arguments.passive_wait:
    os.environ["OMP_WAIT_POLICY"] = "passive"
  load = os.getloadavg()[0]  # of others: on a busy machine spinning threads make these numbers worthless
  import torch  # after the environment is set: the libraries read it once

  blas = loaded_blas()
  if arguments.device == "cpu" and "libblas.so.3." in blas:
    raise SystemExit(
      "PyTorch runs on the reference BLAS, some thirty times too slow for an honest baseline: "
      f"apt-get install libopenblas0-pthread (loaded: {blas})"
    )
  torch.set_num_threads(arguments.threads)
  torch.manual_seed(1)
  precision, attention, *compiled = variant.split("-")
  shape = SHAPES[arguments.shape]
  if arguments.sequences is not None:
    shape = replace(shape, sequences=arguments.sequences)
  model = build(shape, attention).to(arguments.device)
  masters = list(model.parameters())
  if precision == "bf16":
    masters = [p.detach().clone().requires_grad_() for p in model.parameters()]
    model.to(torch.bfloat16)
  working = list(model.parameters())
  optimizer = torch.optim.AdamW(
    [
      {"params": [p for p in masters if p.dim() == 2], "weight_decay": 0.1},
      {"params": [p for p in masters if p.dim() == 1], "weight_decay": 0.0},
    ],
    lr=1e-3,
    betas=(0.9, 0.95),
    fused=True,
  )
  loss_of = torch.compile(model) if compiled else model
  tokens = shape.sequences * shape.length

  def step() -> float:
    text = torch.randint(0, shape.vocab, (shape.sequences, shape.length + 1)).to(arguments.device)
    for parameter in working:
      parameter.grad = None
    with torch.autocast(torch.device(arguments.device).type, torch.bfloat16, enabled=precision == "autocast"):
      loss = loss_of(text[:, :-1], text[:, 1:].contiguous())
    loss.backward()
    if precision == "bf16":
      for master, parameter in zip(masters, working):
        master.grad = parameter.grad.float()
    torch.nn.utils.clip_grad_norm_(masters, 1.0, foreach=True)
    optimizer.step()
    if precision == "bf16":
      with torch.no_grad():
        torch._foreach_copy_(working, masters)
    return loss.item()

  losses = [step() for _ in range(arguments.warmup)]
  speeds = []
  for _ in range(arguments.steps):
    start = time.perf_counter()
    losses.append(step())
    speeds.append(tokens / (time.perf_counter() - start))
  return {
    "side": "pytorch",
    "shape": arguments.shape,
    "variant": variant,
    "tokens_per_second": [round(speed, 1) for speed in speeds],
    "median": round(statistics.median(speeds), 1),
    "device": arguments.device,
    "threads": arguments.threads,
    "blas_threads": arguments.blas_threads,
    "passive_wait": arguments.passive_wait,
    "blas": blas,
    "load_average_before": round(load, 2),
    "torch": torch.__version__,
    "parameters": sum(p.numel() for p in working),
    "first_loss": round(losses[0], 4),
    "last_loss": round(losses[-1], 4),
    "dimensions": asdict(shape),
  }


def main() -> int:
  arguments = parse()
  variants = arguments.variant or ["fp32-sdpa"]
  if "all" in variants:
    variants = VARIANTS
  if len(variants) > 1 or arguments.sweep:
    return in_own_processes(arguments, variants)
  print(json.dumps(measure(arguments, variants[0])), flush=True)
  return 0


if __name__ == "__main__":
  sys.exit(main())
