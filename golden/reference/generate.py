#!/usr/bin/python3
"""Writes golden/data: one .safetensors and one .json per variant. See golden/README.md for the format.

Usage: generate.py [--out DIR] [--only NAME]...
"""

import argparse
import hashlib
import json
import math
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor

from model import ROUTED, STEP_GATES, THRESHOLDS, LayerMap, Model, Objective, Outcome, cross_entropy, parameter_shapes
from variants import EFFORTS, EXITS, VARIANTS

FORMAT = 1
SEQUENCES, LENGTH, STEPS = 3, 14, 5
TAUGHT_SEQUENCES = 2  # of a teacher's own text
OPTIMIZER = {
  "learning_rate": 3e-3,
  "beta1": 0.9,
  "beta2": 0.95,
  "epsilon": 1e-8,
  "weight_decay": 0.1,
  "max_grad_norm": 1.0,
  "auxiliary_router_learning_rate_factor": 10.0,
}
MARGIN = 1e-4  # smallest distance of any routing decision to a tie or a threshold
# Another implementation's rounding, as noise on every gradient (relative to the tensor's largest), and what it may do to
# the weights after five steps. AdamW divides by the gradient's own size, so a tiny gradient can turn noise into a step.
GRADIENT_NOISE, NOISE_EFFECT = 5e-7, 5e-5
ROUNDING = 5e-5  # largest relative error of the same code in float32; half of the tests' tolerance


class Unsuitable(Exception):
  """This seed gives a near-tie or a degenerate routing; the next one is tried."""


def is_buffer(name: str) -> bool:
  return name == THRESHOLDS or name.endswith("expert_bias")


def initial_weights(config: dict, objective: Objective, generator: torch.Generator) -> dict[str, Tensor]:
  """Float32 weights, large enough that routing, attention and gradients are far from degenerate."""
  weights = {}
  for name, shape in parameter_shapes(config, objective.supervision == "auxiliary_router").items():
    noise = torch.randn(shape, generator=generator)
    if name == THRESHOLDS:
      weights[name] = initial_thresholds(config["routing"]["effort_grid"], noise)
    elif name.endswith("expert_bias"):
      loss_free = objective.balancing == "loss_free" and objective.balancing_warmup_steps == 0
      weights[name] = 0.05 * noise if loss_free else torch.zeros(shape)
    elif name in ("model.injection.decay", "model.injection.rate"):
      weights[name] = 0.3 * noise - 0.5
    elif name == STEP_GATES:
      weights[name] = 0.5 + 0.3 * noise
    elif len(shape) == 1:
      weights[name] = 1 + 0.1 * noise
    elif "router" in name or "embed_tokens" in name:
      weights[name] = 0.3 * noise
    else:
      weights[name] = noise / math.sqrt(shape[1])
  return weights


def initial_thresholds(grid: list[float], noise: Tensor) -> Tensor:
  """Falling in the effort, and 0 at effort 1 and at step 0, which takes every token."""
  thresholds = 0.75 - 0.5 * torch.tensor(grid) + 0.03 * noise
  thresholds[:, -1] = 0
  thresholds[0] = 0
  return thresholds


class Training:
  """Five AdamW steps on one batch, in the precision of `dtype`."""

  def __init__(
    self, config, objective, weights, ids, targets, random_scores, efforts, exits, dtype, noise=None, teacher=None
  ):
    self.noise = noise  # generator of gradient noise, or None
    self.teacher, self.teacher_ids = None, None
    if teacher:
      frozen = {name: weight.to(dtype, copy=True) for name, weight in teacher["weights"].items()}
      self.teacher, self.teacher_ids = Model(objective.teacher["config"], frozen), teacher["ids"]
    self.efforts = efforts  # [step][micro-batch], or None
    self.exits = exits  # [step][micro-batch], or None
    self.objective, self.ids, self.targets, self.step = objective, ids, targets, 0
    self.random_scores = None if random_scores is None else random_scores.to(dtype)
    self.tensors = {name: weight.to(dtype, copy=True) for name, weight in weights.items()}
    self.parameters = {n: t.requires_grad_() for n, t in self.tensors.items() if not is_buffer(n)}
    self.model = Model(config, self.tensors)
    auxiliary = {n: p for n, p in self.parameters.items() if ".auxiliary_routers." in n}
    main = {n: p for n, p in self.parameters.items() if n not in auxiliary}
    factor = OPTIMIZER["auxiliary_router_learning_rate_factor"]
    # Parameters that are clipped together, a list of such lists for each optimizer.
    self.groups = [(self._clipped(main), self._adamw(main, 1.0))]
    if auxiliary:
      self.groups.append(([list(auxiliary.values())], self._adamw(auxiliary, factor)))

  def _clipped(self, main: dict[str, Tensor]) -> list[list[Tensor]]:
    """The trunk, and the routers by themselves if what gains teach them ends at them."""
    taught = (self.objective.full_depth or {}).get("router")
    if not taught or taught.get("reaches_trunk", False):
      return [list(main.values())]
    routers = {n for n in main if n.startswith("model.router")}
    return [[p for n, p in main.items() if n not in routers], [main[n] for n in routers]]

  def _adamw(self, parameters: dict[str, Tensor], factor: float) -> torch.optim.AdamW:
    matrices = [p for p in parameters.values() if p.dim() == 2]
    vectors = [p for p in parameters.values() if p.dim() == 1]
    decay = [{"params": matrices, "weight_decay": OPTIMIZER["weight_decay"]}]
    if vectors:
      decay.append({"params": vectors, "weight_decay": 0.0})
    return torch.optim.AdamW(
      decay,
      lr=OPTIMIZER["learning_rate"] * factor,
      betas=(OPTIMIZER["beta1"], OPTIMIZER["beta2"]),
      eps=OPTIMIZER["epsilon"],
      foreach=False,
    )

  def forward_backward(self) -> tuple[Outcome, dict[str, float | None]]:
    """Fills every gradient; returns the unscaled loss terms (null where a term does not enter)."""
    for parameter in self.parameters.values():
      parameter.grad = None
    efforts = self.efforts[self.step] if self.efforts else None
    objective, deep = self.objective, {}
    if self.exits:
      outcome, loss, deep = self._micro_batches(efforts)
    else:
      outcome = self.model.train(self.ids, self.objective, self.step, self.random_scores, efforts)
      loss = cross_entropy(outcome.logits, self.targets)
    terms = {"total": 0.0, "cross_entropy": cross_entropy(outcome.logits, self.targets).item()}
    for key, term, coefficient in (
      ("auxiliary", outcome.auxiliary, objective.auxiliary_loss_coefficient),
      ("router_z", outcome.router_z, objective.router_z_loss_coefficient),
      ("balancing", outcome.balancing, objective.balancing_loss_coefficient),
    ):
      terms[key] = term.item() if coefficient > 0 else None
      if coefficient > 0:
        loss = loss + coefficient * term
    for key in ("router_gain", "rejected_gain"):
      if key in deep:
        loss = loss + objective.full_depth["router"]["coefficient"] * deep[key]
    if self.teacher:
      deep["teacher"] = self._taught(outcome)
      loss = loss + objective.teacher["coefficient"] * deep["teacher"]
    terms["total"] = loss.item()
    terms |= {key: term.item() for key, term in deep.items()}
    loss.backward()
    terms["auxiliary_router"] = None
    if objective.supervision == "auxiliary_router":
      terms["auxiliary_router"] = outcome.auxiliary_router.item()
      outcome.auxiliary_router.backward()  # reaches the auxiliary routers only
    if self.noise is not None:
      for parameter in self.parameters.values():
        error = torch.randn(parameter.shape, generator=self.noise, dtype=parameter.dtype)
        error *= parameter.grad != 0  # rows of an untied embedding that no token uses stay exactly zero
        parameter.grad += GRADIENT_NOISE * parameter.grad.abs().max() * error
    return outcome, terms

  def _micro_batches(self, efforts) -> tuple[Outcome, Tensor, dict[str, Tensor]]:
    """One micro-batch after the other, some at full depth: what they did, the cross-entropy that is minimised, and
    the terms that only those at full depth have."""
    exits = self.exits[self.step]
    each = SEQUENCES // len(exits)
    parts, minimised, at_depths, gains, rejected, distilled = [], [], {}, [], [], []
    for number, exit in enumerate(exits):
      rows = slice(number * each, (number + 1) * each)
      ids, targets = self.ids[rows], self.targets[rows]
      scores = None if self.random_scores is None else self.random_scores[:, rows]
      if exit == 0:
        effort = None if efforts is None else [efforts[number]]
        random_scores = scores if self.model.routing["type"] == "random" else None
        part = self.model.train(ids, self.objective, self.step, random_scores, effort)
        minimised.append(cross_entropy(part.logits, targets))
        if self._rejected_share() > 0:
          rejected.append(self._rejected(part, ids, targets, scores, effort))
      else:
        part, loss = self._full_depth(ids, targets, scores, exit, at_depths, gains, distilled)
        minimised.append(loss)
      parts.append(part)
    zero = torch.zeros((), dtype=minimised[0].dtype)
    outcome = Outcome(
      logits=torch.cat([part.logits for part in parts]),
      depths=torch.cat([part.depths for part in parts]),
      selected=[sum((part.selected[step] for part in parts), []) for step in range(len(parts[0].selected))],
      auxiliary=zero,
      router_z=sum((part.router_z for part in parts), zero) / len(parts),
      balancing=zero,
      auxiliary_router=zero,
      load=None,
      scores=[sum((part.scores[step] for part in parts), []) for step in range(len(parts[0].scores))],
      margin=min(part.margin for part in parts),
    )
    deep = {f"loss_at_depth_{depth}": torch.stack(losses).mean() for depth, losses in sorted(at_depths.items())}
    if distilled:
      deep["distillation"] = torch.stack(distilled).mean()
    if gains:
      deep["router_gain"] = torch.stack(gains).mean()
    if rejected:
      deep["rejected_gain"] = torch.stack(rejected).mean()
    return outcome, torch.stack(minimised).mean(), deep

  def _taught(self, outcome: Outcome) -> Tensor:
    """How far a teacher's predictions are away: on text of its own at a depth that all tokens take, or on the batch."""
    setting, ids, logits = self.objective.teacher, self.ids, outcome.logits
    if "depth" in setting:
      ids, logits = self.teacher_ids, self.model.full_depth(self.teacher_ids).logits[setting["depth"] - 1]
    wanted = self.teacher.evaluate(ids)
    outcome.margin = min(outcome.margin, wanted.margin)
    return self.model.taught(wanted.logits, logits, setting["temperature"])

  def _rejected_share(self) -> float:
    return (self.objective.full_depth or {}).get("router", {}).get("rejected_share", 0)

  def _rejected(self, first: Outcome, ids, targets, draws, effort) -> Tensor:
    """The loss of a second pass, in which rejected tokens take one step more where their draw is below the share."""
    recursions, depths = self.model.recursions, first.depths
    drawn = draws.gather(0, depths.clamp(max=recursions - 1)[None])[0]
    first.margin = min(first.margin, (drawn - self._rejected_share()).abs().min().item())
    sent = (depths < recursions) & (drawn < self._rejected_share())
    forced = torch.where(sent, depths + 1, torch.zeros_like(depths))
    with torch.no_grad():
      second = self.model.train(ids, self.objective, self.step, None, effort, forced)
    loss, margin = self.model.rejected_loss(first, second, targets, forced, self.objective.full_depth["router"])
    first.margin = min(first.margin, second.margin, margin)
    return loss

  def _full_depth(self, ids, targets, scores, exit, at_depths, gains, distilled) -> tuple[Outcome, Tensor]:
    setting, recursions = self.objective.full_depth, self.model.recursions
    run = self.model.full_depth(ids, scores)
    losses = [cross_entropy(logits, targets) for logits in run.logits]
    ran, margin = recursions, math.inf
    if setting["prior"] == "sampled":
      ran = recursions if "router" in setting else exit
      loss, measured = losses[exit - 1], range(1, recursions + 1) if "router" in setting else [exit]
    else:
      share = [1.0] * recursions if setting["prior"] == "uniform" else [2.0**-depth for depth in range(recursions)]
      loss, measured = sum(p * l for p, l in zip(share, losses)) / sum(share), range(1, recursions + 1)
    for depth in measured:
      at_depths.setdefault(depth, []).append(losses[depth - 1].detach())
    if "distillation" in setting:
      taught = setting["distillation"]
      apart = [taught["temperature"] ** 2 * d for d in self.model.divergences(run, taught["temperature"])]
      distillation = sum(p * d for p, d in zip(share, apart)) / sum(share)
      loss = loss + taught["coefficient"] * distillation
      distilled.append(distillation.detach())
    if "router" in setting:
      gain, margin = self.model.gain_loss(run, targets, setting["router"])
      gains.append(gain)
    zero = torch.zeros((), dtype=loss.dtype)
    everyone = [[list(range(ids.shape[1]))] * len(ids)] * recursions
    outcome = Outcome(
      logits=run.logits[ran - 1],
      depths=torch.full(ids.shape, ran, dtype=torch.int64),
      selected=everyone if self.model.routing["type"] != "none" else [],
      auxiliary=zero,
      router_z=run.router_z,
      balancing=zero,
      auxiliary_router=zero,
      load=None,
      scores=run.scores if self.model.routing["type"] != "none" else [],
      margin=margin,
    )
    return outcome, loss

  def update(self, outcome: Outcome) -> list[float]:
    """Clips and steps each optimizer; returns the gradient norms before clipping, the trunk's where routers are apart."""
    norms = []
    for together, optimizer in self.groups:
      lengths = [torch.nn.utils.clip_grad_norm_(part, OPTIMIZER["max_grad_norm"]).item() for part in together]
      norms.append(lengths[0])
      optimizer.step()
    if self.objective.balancing == "loss_free" and self.step >= self.objective.balancing_warmup_steps:
      with torch.no_grad():
        direction = torch.sign(outcome.load.mean() - outcome.load)
        self.tensors["model.router.expert_bias"] += self.objective.bias_update_rate * direction
    if self.objective.threshold_update_rate > 0:
      self.model.update_thresholds(outcome, self.efforts[self.step], self.objective.threshold_update_rate, self.step)
    self.step += 1
    return norms


def logprobs(logits: Tensor, ids: Tensor) -> Tensor:
  """[B, T]: log-probability of each id given the ones before it; not a number at position 0."""
  scores = torch.log_softmax(logits[:, :-1], dim=-1).gather(2, ids[:, 1:, None])[..., 0]
  return torch.cat([torch.full_like(scores[:, :1], math.nan), scores], dim=1)


def evaluations(config, weights, ids) -> tuple[dict[str, Tensor], float]:
  """Causal (and top-k) evaluation with the initial weights, also with bounded depth; and the routing margin."""
  model = Model(config, {name: weight.double() for name, weight in weights.items()})
  kind = config.get("routing", {}).get("type", "none")
  tensors, margin = {}, math.inf

  def add(name: str, outcome: Outcome) -> None:
    nonlocal margin
    tensors[f"{name}/logprobs"] = logprobs(outcome.logits, ids).float()
    tensors[f"{name}/depths"] = outcome.depths
    margin = min(margin, outcome.margin)

  if kind == "random":  # how random routing behaves outside training is not part of the golden contract
    return tensors, margin
  add("causal", model.evaluate(ids))
  if kind in ROUTED and len(tensors["causal/depths"].unique()) < model.recursions:
    raise Unsuitable("causal evaluation does not use every depth")
  if "sequence" not in config.get("recursion", {}).get("sharing", ""):
    for depth in (1, 2):
      add(f"causal/max_depth_{depth}", model.evaluate(ids, max_depth=depth))
  if kind == "expert_threshold":  # at the efforts of the grid and between them
    grid = config["routing"]["effort_grid"]
    for effort in sorted(grid + [(low + high) / 2 for low, high in zip(grid, grid[1:])]):
      add(f"causal/effort_{effort}", model.evaluate(ids, effort=effort))
  if kind in ("expert_choice", "expert_threshold"):
    add("top_k", model.evaluate(ids, causal=False))
  return tensors, margin


def largest_errors(exact: dict[str, Tensor], other: dict[str, Tensor]) -> dict[str, float]:
  """Per kind of tensor: largest difference over largest magnitude of the same tensor."""
  errors = {}
  for name, tensor in exact.items():
    difference = (other[name].double() - tensor).abs().max().item()
    scale = tensor.abs().max().item()
    kind = name.split("/")[0]
    errors[kind] = max(errors.get(kind, 0.0), difference / scale if scale > 0 else difference)
  return errors


def generate(config: dict, objective: Objective, efforts, exits, seed: int) -> tuple[dict[str, Tensor], dict]:
  """Tensors and JSON of one variant, or Unsuitable."""
  generator = torch.Generator().manual_seed(seed)
  weights = initial_weights(config, objective, generator)
  text = torch.randint(0, config["vocab_size"], (SEQUENCES, LENGTH + 1), generator=generator)
  ids, targets = text[:, :-1].contiguous(), text[:, 1:].contiguous()
  recursions = config.get("recursion", {}).get("num_recursions", 1)
  random_scores = None
  rejects = (objective.full_depth or {}).get("router", {}).get("rejected_share", 0) > 0
  if config.get("routing", {}).get("type") == "random" or rejects:
    random_scores = torch.rand(recursions, SEQUENCES, LENGTH, generator=generator)

  teacher = None
  if objective.teacher:
    frozen = initial_weights(objective.teacher["config"], Objective(), generator)
    other = torch.randint(0, config["vocab_size"], (TAUGHT_SEQUENCES, LENGTH), generator=generator)
    teacher = {"weights": frozen, "ids": other if "depth" in objective.teacher else None}

  tensors = {f"weights/{name}": weight for name, weight in weights.items()}
  tensors |= {"ids": ids, "targets": targets}
  if random_scores is not None:
    tensors["random_scores"] = random_scores
  if teacher:
    tensors |= {f"teacher/{name}": weight for name, weight in teacher["weights"].items()}
    tensors |= {} if teacher["ids"] is None else {"teacher_ids": teacher["ids"]}
  evaluated, margin = evaluations(config, weights, ids)

  def run(dtype: torch.dtype, noise: torch.Generator | None = None) -> tuple[dict[str, Tensor], list[dict], Outcome, float]:
    training = Training(
      config, objective, weights, ids, targets, random_scores, efforts, exits, dtype, noise, teacher
    )
    result, steps, first, smallest = {}, [], None, math.inf
    for index in range(STEPS):
      outcome, terms = training.forward_backward()
      smallest = min(smallest, outcome.margin)
      if index == 0:
        first = outcome
        result["logits"] = outcome.logits.detach()
        for name, parameter in training.parameters.items():
          if parameter.grad is None or parameter.grad.abs().max() == 0:
            raise Unsuitable(f"no gradient reaches {name}")
          result[f"gradients/{name}"] = parameter.grad.clone()
      norms = training.update(outcome)
      step = {"step": training.step - 1, "loss": {k: None if v is None else repr(v) for k, v in terms.items()}}
      step["gradient_norm"] = repr(norms[0])
      step["auxiliary_router_gradient_norm"] = repr(norms[1]) if len(norms) > 1 else None
      step["depths"] = outcome.depths.tolist()
      steps.append(step)
    for name, tensor in training.tensors.items():
      result[f"after5/{name}"] = tensor.detach()
    result["losses5"] = torch.tensor([float(step["loss"]["total"]) for step in steps], dtype=torch.float64)
    return result, steps, first, smallest

  exact, steps, first, smallest = run(torch.float64)
  margin = min(margin, smallest)
  if margin < MARGIN:
    raise Unsuitable(f"a routing decision is {margin:.1e} from a tie")
  for shake in range(3):
    shaken = run(torch.float64, torch.Generator().manual_seed(shake))[0]
    effect = largest_errors(exact, shaken)["after5"]
    if effect > NOISE_EFFECT:
      raise Unsuitable(f"five steps turn gradient noise into an error of {effect:.1e}")
  rough, rough_steps, _, _ = run(torch.float32)
  if [s["depths"] for s in steps] != [s["depths"] for s in rough_steps]:
    raise Unsuitable("float32 routes differently")
  errors = largest_errors(exact, rough)
  if max(errors.values()) > ROUNDING:
    raise Unsuitable(f"float32 rounding alone is {max(errors.values()):.1e}")
  kind = config.get("routing", {}).get("type", "none")
  if kind == "token_choice" and objective.balancing_warmup_steps == 0 and len(first.depths.unique()) < recursions:
    raise Unsuitable("not every depth is chosen")

  for name, tensor in exact.items():
    tensors[name] = tensor if name == "losses5" else tensor.float()
  tensors |= evaluated
  layers = LayerMap.of(config)
  document = {
    "format": FORMAT,
    "seed": seed,
    "config": config,
    "layers": layers.unique,
    "objective": {
      key: value
      for key, value in vars(objective).items()
      if (efforts or key != "threshold_update_rate")
      and (exits or key != "full_depth")
      and (teacher or key != "teacher")
    },
    "optimizer": OPTIMIZER,
    **({"efforts": efforts} if efforts else {}),
    **({"exits": exits} if exits else {}),
    "selected": first.selected,
    "depths": first.depths.tolist(),
    "steps": steps,
    "evaluations": sorted({name.rsplit("/", 1)[0] for name in evaluated}),
    "routing_margin": None if math.isinf(margin) else float(f"{margin:.3g}"),
    "float32_error": {kind: float(f"{error:.2g}") for kind, error in errors.items()},
  }
  return tensors, document


def first_suitable(name: str, attempt: Callable[[int], tuple[dict[str, Tensor], dict]]):
  """Seeds start at a number that depends on the name alone, so that adding a variant leaves the others as they are."""
  start = int.from_bytes(hashlib.sha256(name.encode()).digest()[:2]) * 1000
  reason = None
  for seed in range(start, start + 1000):
    try:
      return attempt(seed)
    except Unsuitable as unsuitable:
      reason = unsuitable
  raise RuntimeError(f"{name}: no suitable seed; the last one failed because {reason}")


def pretty(value, indent: int = 0) -> str:
  """JSON with one line per key and flat arrays on one line, so that differences are readable."""
  if isinstance(value, dict) and value:
    pad = " " * (indent + 2)
    lines = [f"{pad}{json.dumps(key)}: {pretty(item, indent + 2)}" for key, item in value.items()]
    return "{\n" + ",\n".join(lines) + "\n" + " " * indent + "}"
  if isinstance(value, list) and value and isinstance(value[0], dict):
    pad = " " * (indent + 2)
    return "[\n" + ",\n".join(pad + pretty(item, indent + 2) for item in value) + "\n" + " " * indent + "]"
  return json.dumps(value)


def main() -> int:
  parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
  parser.add_argument("--out", type=Path, default=Path(__file__).parent.parent / "data")
  parser.add_argument("--only", action="append", choices=sorted(VARIANTS), help="this variant (repeatable)")
  arguments = parser.parse_args()
  torch.set_num_threads(1)
  torch.use_deterministic_algorithms(True)
  arguments.out.mkdir(parents=True, exist_ok=True)
  for name, (config, objective) in VARIANTS.items():
    if arguments.only and name not in arguments.only:
      continue
    attempt = partial(generate, config, Objective(**objective), EFFORTS.get(name), EXITS.get(name))
    tensors, document = first_suitable(name, attempt)
    document = {"variant": name, **document}
    save_file({key: tensor.contiguous() for key, tensor in tensors.items()}, arguments.out / f"{name}.safetensors")
    (arguments.out / f"{name}.json").write_text(pretty(document) + "\n")
    print(f"{name}: seed {document['seed']}, margin {document['routing_margin']}, {document['float32_error']}")
  if all((arguments.out / f"{name}.safetensors").exists() for name in VARIANTS):
    manifest = {"format": FORMAT, "torch": torch.__version__, "variants": {}}
    for name in VARIANTS:
      content = (arguments.out / f"{name}.safetensors").read_bytes()
      manifest["variants"][name] = {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    (arguments.out / "manifest.json").write_text(pretty(manifest) + "\n")
  return 0


if __name__ == "__main__":
  sys.exit(main())
