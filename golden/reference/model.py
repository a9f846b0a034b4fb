"""Reference of the Saiki transformer: vanilla, fixed-depth recursive and Mixture-of-Recursions.

Written for reading, not for speed: one sequence at a time, no fused kernels, no in-place updates, every mask spelled
out. It computes in the precision of the weights it is given (the golden files use float64).

Shapes: B sequences, T positions, D hidden size, V vocabulary, N recursions. Steps count from 0, depths from 1.
"""

import math
from dataclasses import dataclass, field
from fractions import Fraction

import torch
import torch.nn.functional as F
from torch import Tensor

ROUTED = ("expert_choice", "expert_threshold", "token_choice", "random")
THRESHOLDS = "model.router_thresholds"
STEP_GATES = "model.step_gates"
PROJECTION = "model.embed_projection.weight"
INJECTION = "model.injection.weight"


@dataclass(frozen=True)
class LayerMap:
  """Which unique layer each unrolled layer uses, and at which recursion step it runs."""

  unique: list[int]  # unrolled layer -> unique layer, numbered by first use
  step: list[int | None]  # unrolled layer -> recursion step; None for an unshared layer

  @staticmethod
  def of(config: dict) -> "LayerMap":
    layers = config["num_hidden_layers"]
    recursion = config.get("recursion")
    if recursion is None:
      return LayerMap(list(range(layers)), [None] * layers)
    sharing, recursions = recursion["sharing"], recursion["num_recursions"]
    middle = sharing.startswith("middle_")
    entry, exit = (recursion.get(f"{end}_layers", 1) if middle else 0 for end in ("entry", "exit"))
    block, rest = divmod(layers - entry - exit, recursions)
    if rest:
      raise ValueError(f"{layers} layers do not divide into {recursions} recursions of {sharing}")
    unique, step = list(range(entry)), [None] * entry
    for shared in range(block * recursions):
      if sharing.endswith("cycle"):
        unique.append(entry + shared % block)
        step.append(shared // block)
      else:
        unique.append(entry + shared // recursions)
        step.append(shared % recursions)
    unique += [entry + block + layer for layer in range(exit)]
    step += [None] * exit
    return LayerMap(unique, step)

  def outside(self) -> tuple[list[int], list[int]]:
    """Unique layers before and after the recursion."""
    shared = [layer for layer, at in enumerate(self.step) if at is not None]
    return self.unique[: shared[0]], self.unique[shared[-1] + 1 :]

  def block(self, step: int) -> list[int]:
    """Unique layers of one recursion step, in order (cycle kinds)."""
    return [unique for unique, at in zip(self.unique, self.step) if at == step]


@dataclass
class Objective:
  """Coefficients and switches of training; the loss terms themselves are reported without coefficient."""

  auxiliary_loss_coefficient: float = 0.0
  router_z_loss_coefficient: float = 0.0
  balancing_loss_coefficient: float = 0.0
  supervision: str = "none"  # auxiliary_loss, auxiliary_router, none (expert choice)
  balancing: str = "none"  # loss, loss_free, none (token choice)
  bias_update_rate: float = 0.0  # loss-free balancing
  capacity_warmup_steps: int = 0
  balancing_warmup_steps: int = 0
  threshold_update_rate: float = 0.0  # expert threshold
  full_depth: dict | None = None  # micro-batches with a loss after every recursion; keys as in a recipe
  teacher: dict | None = None  # a frozen model: its config, coefficient, temperature; depth if it has text of its own


@dataclass
class Outcome:
  """What one forward pass gives. Loss terms are unscaled scalars; `margin` is the smallest distance to a tie."""

  logits: Tensor  # [B, T, V]
  depths: Tensor  # [B, T], 1-based
  selected: list[list[list[int]]]  # [step][sequence] -> positions, ascending
  auxiliary: Tensor
  router_z: Tensor
  balancing: Tensor
  auxiliary_router: Tensor
  load: Tensor | None  # [N], share of tokens whose last step is r (token choice)
  scores: list[list[Tensor]]  # [step][sequence], logits of all candidates (expert threshold)
  margin: float
  # [step][sequence]: positions of all that could take the step, and their states (expert kinds)
  candidates: list[list[tuple[Tensor, Tensor]]] = field(default_factory=list)


@dataclass
class FullDepth:
  """One forward pass in which every token takes every recursion."""

  logits: list[Tensor]  # [depth] -> [B, T, V], as if that many recursions were all
  states: list[list[Tensor]]  # [depth][sequence] -> [T, D]
  scores: list[list[Tensor]]  # [step][sequence], router logits (expert threshold)
  router_z: Tensor


@dataclass
class _Run:
  """Mutable bookkeeping of one forward pass."""

  selected: list[list[list[int]]] = field(default_factory=list)
  auxiliary: list[Tensor] = field(default_factory=list)  # one mean per recursion step
  router_z: list[Tensor] = field(default_factory=list)
  balancing: list[Tensor] = field(default_factory=list)
  auxiliary_router: list[Tensor] = field(default_factory=list)
  load: Tensor | None = None
  scores: list[list[Tensor]] = field(default_factory=list)
  candidates: list[list[tuple[Tensor, Tensor]]] = field(default_factory=list)
  margin: float = math.inf


class KeysAndValues:
  """Step-0 keys and values of one sequence, per unique layer; what a step takes of the tokens that do not take it."""

  def __init__(self, entry: Tensor | None = None):
    self.stored: dict[int, tuple[Tensor, Tensor]] = {}
    self.entry = entry  # [T, D], the states with which tokens enter the recursion
    self.states: Tensor | None = None  # [T, D], of all tokens before the step; the last ones of those that left


class Model:
  def __init__(self, config: dict, weights: dict[str, Tensor]):
    self.config = config
    self.weights = weights
    self.layers = LayerMap.of(config)
    self.recursions = config.get("recursion", {}).get("num_recursions", 1)
    self.routing = config.get("routing", {"type": "none"})
    self.kv_sharing = config.get("kv_sharing", "none")
    self.dtype = weights["model.embed_tokens.weight"].dtype

  # ---------------------------------------------------------------------------------------------- entry points

  def train(
    self,
    ids: Tensor,
    objective: Objective,
    step: int,
    random_scores: Tensor | None = None,
    efforts: list[float] | None = None,
    forced: Tensor | None = None,
  ) -> Outcome:
    """The training forward: expert choice by top-k, expert threshold by threshold, token choice by argmax.

    `step` counts from 0 (warm-ups). `efforts`: one a micro-batch, the sequences being dealt out evenly and in order.
    `forced` [B, T]: depths that tokens of expert threshold take whatever the router says; 0 leaves it to the router.
    """
    causal = self.routing["type"] == "expert_threshold"
    return self._forward(ids, objective, step, random_scores, causal, self.recursions, efforts, forced)

  def evaluate(
    self, ids: Tensor, causal: bool = True, max_depth: int | None = None, effort: float | None = None
  ) -> Outcome:
    """Evaluation: expert choice by threshold when causal (else top-k), token choice by argmax."""
    max_depth = min(max_depth or self.recursions, self.recursions)
    efforts = [effort or self.routing.get("default_effort", 1.0)]
    with torch.no_grad():
      return self._forward(ids, Objective(), 0, None, causal, max_depth, efforts)

  def _forward(self, ids, objective, step, random_scores, causal, max_depth, efforts, forced=None) -> Outcome:
    run = _Run()
    hidden = [self._embed(row) for row in ids]
    kind = self.routing["type"]
    if kind == "none":
      hidden, depths = self._fixed_depth(hidden, max_depth)
    else:
      before, after = self.layers.outside()
      for unique in before:
        hidden = [self._unshared(h, unique) for h in hidden]
      if kind == "token_choice":
        hidden, depths = self._token_choice(hidden, objective, step, max_depth, run)
      else:
        hidden, depths = self._expert_choice(
          hidden, objective, step, random_scores, causal, max_depth, efforts, forced, run
        )
      for unique in after:
        hidden = [self._unshared(h, unique) for h in hidden]
    hidden = torch.stack(hidden)
    hidden = self._norm(hidden, "model.norm.weight")
    head = self._head()
    zero = torch.zeros((), dtype=self.dtype)
    return Outcome(
      logits=hidden @ head.T,
      depths=depths,
      selected=run.selected,
      auxiliary=sum(run.auxiliary, zero),
      router_z=sum(run.router_z, zero),
      balancing=sum(run.balancing, zero),
      auxiliary_router=sum(run.auxiliary_router, zero),
      load=run.load,
      scores=run.scores,
      margin=run.margin,
      candidates=run.candidates,
    )

  def full_depth(self, ids: Tensor, random_scores: Tensor | None = None) -> "FullDepth":
    """Every token through every recursion, whatever a router says (cycle kinds): state and logits after each."""
    before, after = self.layers.outside()
    hidden = [self._embed(row) for row in ids]
    for unique in before:
      hidden = [self._unshared(h, unique) for h in hidden]
    positions = torch.arange(ids.shape[1])
    caches = [KeysAndValues(h) for h in hidden]
    states, logits, scores, squares = [], [], [], []
    head = self._head()
    for step in range(self.recursions):
      scores.append([])
      for b, h in enumerate(hidden):
        caches[b].states = h
        output = self._block(h, positions, step, caches[b])
        kind = self.routing["type"]
        if kind == "expert_threshold":
          scores[-1].append(self._router(f"model.routers.{step}", h, positions)[:, 0])
        if STEP_GATES in self.weights:
          hidden[b] = self._gated(step, h, output)
        elif kind == "none":
          hidden[b] = output
        else:
          gate = self._alpha() * random_scores[step, b] if kind == "random" else self._gate(scores[-1][b])
          hidden[b] = h + (gate[:, None] * output if self.routing["gating"] == "weighted" else output)
      states.append(list(hidden))
      left = hidden
      for unique in after:
        left = [self._unshared(h, unique) for h in left]
      logits.append(self._norm(torch.stack(left), "model.norm.weight") @ head.T)
      if scores[-1]:
        squares.append((torch.cat(scores[-1]) ** 2).mean())
    zero = torch.zeros((), dtype=self.dtype)
    return FullDepth(logits, states, [[s.detach() for s in row] for row in scores], sum(squares, zero))

  def divergences(self, exits: "FullDepth", temperature: float) -> list[Tensor]:
    """How far the deepest prediction, which is taken as it is, lies from each shallower one; softened, mean over tokens."""
    p = torch.log_softmax(exits.logits[-1].detach() / temperature, dim=-1)
    shallower = [torch.log_softmax(logits / temperature, dim=-1) for logits in exits.logits[:-1]]
    return [(p.exp() * (p - q)).sum(dim=-1).mean() for q in shallower]

  def taught(self, wanted: Tensor, logits: Tensor, temperature: float) -> Tensor:
    """Temperature² times how far a teacher's prediction, which is taken as it is, lies from this model's; mean over tokens."""
    p = torch.log_softmax(wanted.detach() / temperature, dim=-1)
    q = torch.log_softmax(logits / temperature, dim=-1)
    return temperature**2 * (p.exp() * (p - q)).sum(dim=-1).mean()

  def gain_loss(self, exits: "FullDepth", targets: Tensor, router: dict) -> tuple[Tensor, float]:
    """What measured gain teaches the routers, and the distance to another set of labels.

    `router` has target, coefficient, reaches_trunk, and clip or kept_gain.
    """
    losses = [self._nats(logits, targets) for logits in exits.logits]
    before, total, margin = None, torch.zeros((), dtype=self.dtype), math.inf
    positions = torch.arange(targets.shape[1])
    for step in range(1, self.recursions):
      states = exits.states[step - 1]
      seen = states if router["reaches_trunk"] else [h.detach() for h in states]
      z = torch.cat([self._router(f"model.routers.{step}", h, positions)[:, 0] for h in seen])
      shallower, deeper = (exits.logits[at].flatten(0, 1) for at in (step - 1, step))
      loss, before, near = self._gain_of(router, z, losses[step - 1] - losses[step], shallower, deeper, before)
      total, margin = total + loss, min(margin, near)
    return total, margin

  def rejected_loss(self, first: Outcome, second: Outcome, targets, forced: Tensor, router) -> tuple[Tensor, float]:
    """What the tokens that were sent one recursion further in a second pass teach the routers that rejected them."""
    gain = (self._nats(first.logits, targets) - self._nats(second.logits, targets)).view(forced.shape)
    total, margin = torch.zeros((), dtype=self.dtype), math.inf
    for step in range(1, self.recursions):
      z, chosen = [], forced == step + 1
      if not chosen.any():
        continue
      for b, (positions, states) in enumerate(second.candidates[step]):
        sent = chosen[b][positions]
        z.append(self._router(f"model.routers.{step}", states[sent], positions[sent])[:, 0])
      loss, _, near = self._gain_of(
        router, torch.cat(z), gain[chosen], first.logits[chosen], second.logits[chosen], None
      )
      total, margin = total + loss, min(margin, near)
    return total, margin

  def _nats(self, logits: Tensor, targets: Tensor) -> Tensor:
    return F.cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="none").detach()

  def _gain_of(self, router, z, gain, shallower, deeper, before) -> tuple[Tensor, Tensor | None, float]:
    """The loss of one step; whom it labelled 1, given whom the step before did; the distance to other labels."""
    if router["target"] == "regression":
      return ((z - gain.clamp(-router["clip"], router["clip"])) ** 2).mean(), None, math.inf
    if router["target"] == "divergence":
      p, q = (torch.log_softmax(logits.detach(), dim=-1) for logits in (deeper, shallower))
      return ((z - (p.exp() * (p - q)).sum(dim=-1).clamp(max=router["clip"])) ** 2).mean(), None, math.inf
    falling = gain[gain > 0].sort(descending=True).values  # weighted_labels
    held = falling.cumsum(0)
    wanted = router["kept_gain"] * held[-1]
    cut = falling[(held >= wanted).nonzero()[0, 0]]  # the gain with which the share is reached
    before = torch.ones_like(gain, dtype=torch.bool) if before is None else before
    chosen = before & (gain >= cut)
    weight = torch.where(before, (gain - cut).abs().clamp(1e-6, 1), torch.full_like(gain, 1e-6))
    scale = (before.sum() - chosen.sum()) / chosen.sum()
    error = F.binary_cross_entropy_with_logits(z, chosen.to(z.dtype), reduction="none")
    loss = (weight * torch.where(chosen, scale.to(z.dtype), torch.ones_like(z)) * error).mean()
    near = min((held - wanted).abs().min().item(), (gain - cut).abs()[gain != cut].min().item(), gain.abs().min().item())
    return loss, chosen, near

  # ---------------------------------------------------------------------------------------------- recursion

  def _unshared(self, hidden: Tensor, unique: int) -> Tensor:
    return self._layer(hidden, torch.arange(len(hidden)), unique, 0, KeysAndValues())

  def _fixed_depth(self, hidden: list[Tensor], max_depth: int) -> tuple[list[Tensor], Tensor]:
    """Vanilla and Recursive: every token through every unrolled layer (up to max_depth recursion steps)."""
    result = []
    for h in hidden:
      cache = KeysAndValues()
      positions = torch.arange(len(h))
      if STEP_GATES in self.weights or INJECTION in self.weights:
        before, after = self.layers.outside()
        for unique in before:
          h = self._unshared(h, unique)
        cache = KeysAndValues(h)
        for step in range(max_depth):
          h = self._gated(step, h, self._block(h, positions, step, cache))
        for unique in after:
          h = self._unshared(h, unique)
        result.append(h)
        continue
      for unique, step in zip(self.layers.unique, self.layers.step):
        if step is None or step < max_depth:
          h = self._layer(h, positions, unique, step or 0, cache)
      result.append(h)
    depths = torch.full((len(hidden), len(hidden[0])), max_depth, dtype=torch.int64)
    return result, depths

  def _block(self, hidden: Tensor, positions: Tensor, step: int, cache: KeysAndValues) -> Tensor:
    """f: one recursion step of the shared block on the given tokens, residual connections included."""
    if step > 0 and INJECTION in self.weights:
      hidden = self._injected(hidden, cache.entry[positions])
    for unique in self.layers.block(step):
      hidden = self._layer(hidden, positions, unique, step, cache)
    return hidden

  def _injected(self, hidden: Tensor, entry: Tensor) -> Tensor:
    rate = F.softplus(self.weights["model.injection.rate"])
    kept = torch.exp(-rate * torch.exp(self.weights["model.injection.decay"]))
    return kept * hidden + rate * (entry @ self.weights[INJECTION].T)

  def _gated(self, step: int, state: Tensor, output: Tensor) -> Tensor:
    """A step with a gate of its own: step 0 replaces the state, step r goes the share g_r of the way to the output."""
    if step == 0 or STEP_GATES not in self.weights:
      return output
    gate = self.weights[STEP_GATES][step]
    return (1 - gate) * state + gate * output

  # ---------------------------------------------------------------------------------------------- expert choice

  def _expert_choice(self, hidden, objective, step_count, random_scores, causal, max_depth, efforts, forced, run):
    """Expert choice, random, and expert threshold, where sequence b has the effort of its micro-batch."""
    sequences, length = len(hidden), len(hidden[0])
    moving = self.routing["type"] == "expert_threshold"
    effort = [efforts[b * len(efforts) // sequences] for b in range(sequences)] if moving else [1.0] * sequences
    caches = [KeysAndValues(h) for h in hidden]
    active = [torch.arange(length) for _ in hidden]
    depths = torch.zeros(sequences, length, dtype=torch.int64)
    for step in range(max_depth):
      auxiliary, squares, auxiliary_router = [], [], []
      run.selected.append([])
      run.scores.append([])
      run.candidates.append([])
      for b in range(sequences):
        candidates = hidden[b][active[b]]
        run.candidates[-1].append((active[b], candidates.detach()))
        if random_scores is None:
          z = self._router(f"model.routers.{step}", candidates, active[b])[:, 0]
          gate = self._gate(z)
        else:
          z = None
          gate = self._alpha() * random_scores[step, b, active[b]]
        second = None  # logits of the auxiliary router, which sees the hidden states but never moves them
        if any(name.startswith("model.auxiliary_routers.") for name in self.weights):
          second = self._router(f"model.auxiliary_routers.{step}", candidates.detach(), active[b])[:, 0]
        if causal:
          kept = self._above_threshold(step, second if self._causal_by_auxiliary() else z, effort[b], run)
        else:
          kept = self._top_k(step, step_count, objective, gate, length, effort[b], run)
        if forced is not None:
          by_rule = torch.zeros(len(z), dtype=torch.bool)
          by_rule[kept] = True
          wanted = forced[b][active[b]]
          kept = torch.where(wanted == 0, by_rule, wanted > step).nonzero()[:, 0]
        if moving:
          run.scores[-1].append(z.detach())
          squares.append(z**2)
        if not causal and not moving and z is not None:
          target = torch.zeros_like(z)
          target[kept] = 1
          auxiliary.append(F.binary_cross_entropy_with_logits(z, target))
          squares.append((z**2).mean())
          if second is not None:
            auxiliary_router.append(F.binary_cross_entropy_with_logits(second, target))
        positions = active[b][kept]
        caches[b].states = hidden[b]
        update = self._block(candidates[kept], positions, step, caches[b])
        if STEP_GATES in self.weights:
          hidden[b] = hidden[b].index_copy(0, positions, self._gated(step, candidates[kept], update))
        else:
          if self.routing["gating"] == "weighted":
            update = gate[kept, None] * update
          hidden[b] = hidden[b].index_add(0, positions, update)
        depths[b, positions] = step + 1
        active[b] = positions
        run.selected[-1].append(positions.tolist())
      # Every sequence has the same number of candidates, so the mean of means is the mean over all candidates.
      if auxiliary and objective.supervision == "auxiliary_loss":
        run.auxiliary.append(torch.stack(auxiliary).mean())
      if squares and not moving:
        run.router_z.append(torch.stack(squares).mean())
      if moving:  # here they have not: the mean over the candidates of a micro-batch, then over micro-batches
        count = len(efforts)
        dealt = [torch.cat(squares[m * sequences // count : (m + 1) * sequences // count]) for m in range(count)]
        run.router_z.append(sum((z.mean() for z in dealt if len(z)), torch.zeros((), dtype=self.dtype)) / count)
      if auxiliary_router and objective.supervision == "auxiliary_router":
        run.auxiliary_router.append(torch.stack(auxiliary_router).mean())
    return hidden, depths

  def _top_k(self, step, step_count, objective, score, length, effort, run) -> Tensor:
    """Indices (ascending) of the k best candidates, where k is a share of the whole sequence."""
    k = self._selected_tokens(step, step_count, objective, length, effort)
    order = torch.sort(score.detach(), descending=True, stable=True)
    if k < len(score):
      run.margin = min(run.margin, (order.values[k - 1] - order.values[k]).item())
    return order.indices[:k].sort().values

  def _selected_tokens(self, step, step_count, objective, length, effort) -> int:
    given = self.routing.get("capacity")
    capacity = Fraction(self.recursions - step, self.recursions) if given is None else given[step]
    if self.routing["type"] == "expert_threshold":
      capacity = effort**step
    warmup = objective.capacity_warmup_steps
    if warmup > 0 and capacity < 1:
      progress = min(1.0, step_count / warmup)
      capacity = float(capacity) + (1 - float(capacity)) * 0.5 * (1 + math.cos(math.pi * progress))
    share = capacity * length
    if not isinstance(share, Fraction) and share != length and abs(share - round(share)) < 1e-6:
      raise ValueError(f"capacity {capacity} of {length} tokens is too near a whole number for a golden file")
    return max(1, math.trunc(share))

  def _above_threshold(self, step: int, z: Tensor, effort: float, run) -> Tensor:
    """Causal: everyone takes step 0; later a token goes on if its own sigmoid reaches the threshold."""
    if step == 0:
      return torch.arange(len(z))
    if self.routing["type"] == "expert_threshold":
      threshold = self._moving_threshold(step, effort)
    else:
      threshold = (self.routing.get("threshold") or [0.0] + [0.5] * (self.recursions - 1))[step]
    distance = torch.sigmoid(z) - threshold
    if len(z) and threshold > 0:
      run.margin = min(run.margin, distance.abs().min().item())
    return (distance >= 0).nonzero()[:, 0]

  def _moving_threshold(self, step: int, effort: float) -> float:
    """Linear between the efforts of the grid."""
    grid, row = self.routing["effort_grid"], self.weights[THRESHOLDS][step].tolist()
    if not grid[0] <= effort <= 1:
      raise ValueError(f"effort {effort} is not within {grid}")
    for left, right, low, high in zip(grid, grid[1:], row, row[1:]):
      if left <= effort < right:
        return low + (effort - left) / (right - left) * (high - low)
    return row[-1]

  def update_thresholds(self, outcome: Outcome, efforts: list[float], rate: float, step: int) -> None:
    """Moves each threshold towards the (1 - E)-quantile of what was seen in a training step (`step` from 0).

    They are averaged as logits. At recursion step 1 every micro-batch counts for every effort, later only those that
    were routed at that effort.
    """
    rate = max(rate, 1 / (step + 1))
    sequences = len(outcome.depths)
    effort = [efforts[b * len(efforts) // sequences] for b in range(sequences)]
    with torch.no_grad():
      for recursion in range(1, self.recursions):
        for column, wanted in enumerate(self.routing["effort_grid"][:-1]):
          seen = [s for s, at in zip(outcome.scores[recursion], effort) if recursion == 1 or at == wanted]
          seen = torch.cat(seen) if seen else torch.zeros(0)
          if len(seen):
            threshold = self.weights[THRESHOLDS][recursion, column]
            old = torch.logit(threshold)
            threshold.copy_(torch.sigmoid(old + rate * (torch.quantile(seen, 1 - wanted) - old)))

  def _causal_by_auxiliary(self) -> bool:
    return self.routing.get("causal_by", "router") == "auxiliary_router"

  def _gate(self, z: Tensor) -> Tensor:
    function = self.routing.get("router_func", "sigmoid")
    if function == "none":
      return z
    return self._alpha() * {"sigmoid": torch.sigmoid, "tanh": torch.tanh}[function](z)

  # ---------------------------------------------------------------------------------------------- token choice

  def _token_choice(self, hidden, objective, step_count, max_depth, run):
    start = hidden  # H of the block's input, added back at each token's last step
    logits = torch.stack([self._router("model.router", h, torch.arange(len(h))) for h in hidden])  # [B, T, N]
    softmax = self.routing["router_func"] == "softmax"
    gates = self._alpha() * (torch.softmax(logits, dim=-1) if softmax else torch.sigmoid(logits))
    preference = gates.detach() + self.weights["model.router.expert_bias"]
    if step_count < objective.balancing_warmup_steps:
      last = torch.full(logits.shape[:2], self.recursions - 1)  # warm-up: all to the deepest, bias held at zero
    else:
      top = preference.topk(2, dim=-1).values
      run.margin = (top[..., 0] - top[..., 1]).min().item()
      last = preference.argmax(dim=-1)
    # Load balance counts the tokens of the whole micro-batch.
    run.load = F.one_hot(last, self.recursions).to(self.dtype).mean(dim=(0, 1))
    if objective.balancing == "loss":
      run.balancing.append((self.recursions * run.load * gates.mean(dim=(0, 1))).sum())
    run.router_z.append((torch.logsumexp(logits, dim=-1) ** 2).mean())

    last = last.clamp(max=max_depth - 1)
    caches = [KeysAndValues(h) for h in hidden]
    for step in range(max_depth):
      run.selected.append([])
      advanced = []
      for b, h in enumerate(hidden):
        positions = (last[b] >= step).nonzero()[:, 0]
        run.selected[-1].append(positions.tolist())
        if len(positions) == 0:
          advanced.append(h)
          continue
        caches[b].states = h
        out = self._block(h[positions], positions, step, caches[b])
        ends_here = (last[b, positions] == step)[:, None]
        if self.routing["gating"] == "weighted":
          gated = gates[b, positions, step, None] * out
          every = self.routing.get("token_gate", "every") == "every"
          out = gated if every else torch.where(ends_here, gated, out)
        out = out + torch.where(ends_here, start[b][positions], torch.zeros_like(out))
        advanced.append(h.index_copy(0, positions, out))
      hidden = advanced
    return hidden, last + 1

  # ---------------------------------------------------------------------------------------------- parts

  def _embed(self, ids: Tensor) -> Tensor:
    rows = F.embedding(ids, self.weights["model.embed_tokens.weight"])
    return rows @ self.weights[PROJECTION].T if PROJECTION in self.weights else rows

  def _head(self) -> Tensor:
    """[V, D]"""
    if not self.config.get("tie_word_embeddings", False):
      return self.weights["lm_head.weight"]
    table = self.weights["model.embed_tokens.weight"]
    return table @ self.weights[PROJECTION].T if PROJECTION in self.weights else table

  def _alpha(self) -> float:
    default = 1.0 if self.routing.get("router_func") == "softmax" else 0.1
    return self.routing.get("alpha", default)

  def _router(self, name: str, hidden: Tensor, positions: Tensor) -> Tensor:
    """Raw logits [tokens, outputs] of a linear or two-layer router; no biases. A position router sees `positions` only."""
    if self.routing["router_type"] == "position":
      hidden = self._sinusoids(positions)
    hidden = hidden / self.routing.get("temperature", 1.0)
    if self.routing["router_type"] in ("linear", "position"):
      return hidden @ self.weights[f"{name}.weight"].T
    inner = F.gelu(hidden @ self.weights[f"{name}.0.weight"].T, approximate="none")  # the exact erf form
    return inner @ self.weights[f"{name}.2.weight"].T

  def _sinusoids(self, positions: Tensor) -> Tensor:
    """[tokens, D]: sine and cosine in turn, pair i of frequency 10000^(-2i/D)."""
    width = self.config["hidden_size"]
    feature = torch.arange(width)
    frequency = 10000.0 ** (-(feature - feature % 2).to(self.dtype) / width)
    angle = positions.to(self.dtype)[:, None] * frequency
    return torch.where(feature % 2 == 0, torch.sin(angle), torch.cos(angle))

  def _norm(self, x: Tensor, name: str) -> Tensor:
    scale = torch.rsqrt((x**2).mean(dim=-1, keepdim=True) + self.config["rms_norm_eps"])
    return x * scale * self.weights[name]

  def _layer(self, hidden: Tensor, positions: Tensor, unique: int, step: int, cache: KeysAndValues) -> Tensor:
    """One Llama decoder layer on the tokens at `positions` [k]; hidden [k, D]."""
    name = f"model.layers.{unique}"
    has_norms = step > 0 and self.config["recursion"].get("step_norms", False)
    own = f"{name}.steps.{step}" if has_norms else name
    normed = self._norm(hidden, f"{own}.input_layernorm.weight")
    last = None
    if self.kv_sharing == "completion" and step > 0:
      last = self._norm(cache.states, f"{own}.input_layernorm.weight")
    hidden = hidden + self._attention(normed, positions, unique, step, cache, last)
    normed = self._norm(hidden, f"{own}.post_attention_layernorm.weight")
    if "num_local_experts" in self.config:
      return hidden + self._experts(normed, f"{name}.mlp")
    gate = F.silu(self._linear(normed, unique, step, "mlp.gate_proj"))
    up = self._linear(normed, unique, step, "mlp.up_proj")
    return hidden + self._linear(gate * up, unique, step, "mlp.down_proj")

  def _experts(self, x: Tensor, name: str) -> Tensor:
    """Mixtral's experts: every expert on every row, times a weight that is 0 for those that were not chosen."""
    scores = x @ self.weights[f"{name}.gate.weight"].T
    kept, index = scores.topk(self.config["num_experts_per_tok"], dim=-1)
    weights = torch.zeros_like(scores).scatter(-1, index, torch.softmax(kept, dim=-1))
    total = torch.zeros_like(x)
    for expert in range(self.config["num_local_experts"]):
      gate, up, down = (self.weights[f"{name}.experts.{expert}.{part}_proj.weight"] for part in ("gate", "up", "down"))
      total = total + weights[:, expert, None] * ((F.silu(x @ gate.T) * (x @ up.T)) @ down.T)
    return total

  def _linear(self, x: Tensor, unique: int, step: int, part: str) -> Tensor:
    """A linear map of a layer, with the low-rank update that a step after the first may have."""
    product = x @ self.weights[f"model.layers.{unique}.{part}.weight"].T
    lora = self.config.get("recursion", {}).get("step_lora")
    if lora is None or step == 0:
      return product
    update = f"model.layers.{unique}.steps.{step}.{part}.lora"
    low = x @ self.weights[f"{update}_A.weight"].T
    return product + lora["alpha"] / lora["rank"] * (low @ self.weights[f"{update}_B.weight"].T)

  def _attention(self, x: Tensor, positions: Tensor, unique: int, step: int, cache: KeysAndValues, last) -> Tensor:
    """`last` [T, D]: normed states of all tokens before the step, of which those that left are completed; or None."""
    heads, kv_heads = self.config["num_attention_heads"], self.config["num_key_value_heads"]
    size = self.config["head_dim"]

    def project(part: str, count: int, x: Tensor = x) -> Tensor:  # [count, k, size]
      return self._linear(x, unique, step, f"self_attn.{part}_proj").view(-1, count, size).transpose(0, 1)

    query = self._rotate(project("q", heads), positions)
    if self.kv_sharing == "recursive" and step > 0:
      key, value = cache.stored[unique]
      key_positions = torch.arange(key.shape[1])
    else:
      key, value = self._rotate(project("k", kv_heads), positions), project("v", kv_heads)
      key_positions = positions
      if self.kv_sharing == "hybrid" and step > 0:
        # Step 0's full-length keys and values, fresh ones at the selected positions; the stored copy stays step 0's.
        stored_key, stored_value = cache.stored[unique]
        key, value = stored_key.index_copy(1, positions, key), stored_value.index_copy(1, positions, value)
        key_positions = torch.arange(key.shape[1])
      elif step == 0:
        cache.stored[unique] = (key, value)
      elif last is not None:
        # As if each token that left took the step with its last state, and nothing changed that state.
        gone = torch.ones(len(last), dtype=torch.bool)
        gone[positions] = False
        left = gone.nonzero()[:, 0]
        left_key, left_value = self._rotate(project("k", kv_heads, last[left]), left), project("v", kv_heads, last[left])
        order = torch.argsort(torch.cat([positions, left]))
        key, value = torch.cat([key, left_key], dim=1)[:, order], torch.cat([value, left_value], dim=1)[:, order]
        key_positions = torch.arange(len(last))

    group = heads // kv_heads  # query head h reads key-value head h // group
    key, value = key.repeat_interleave(group, dim=0), value.repeat_interleave(group, dim=0)
    scores = query @ key.transpose(1, 2) / math.sqrt(size)
    hidden_from_view = key_positions[None, :] > positions[:, None]
    scores = scores.masked_fill(hidden_from_view, -math.inf)
    mixed = torch.softmax(scores, dim=-1) @ value  # [heads, k, size]
    mixed = mixed.transpose(0, 1).reshape(len(positions), heads * size)
    return self._linear(mixed, unique, step, "self_attn.o_proj")

  def _rotate(self, x: Tensor, positions: Tensor) -> Tensor:
    """Rotate-half RoPE at absolute positions; x [heads, k, size]. Component i pairs with i + size/2."""
    half = x.shape[-1] // 2
    exponent = torch.arange(half, dtype=self.dtype) / half
    angle = positions.to(self.dtype)[:, None] * self.config["rope_theta"] ** -exponent  # [k, half]
    cos, sin = torch.cos(angle), torch.sin(angle)
    first, second = x[..., :half], x[..., half:]
    return torch.cat([first * cos - second * sin, second * cos + first * sin], dim=-1)


def cross_entropy(logits: Tensor, targets: Tensor) -> Tensor:
  """Mean over all B*T targets, in natural logarithms."""
  return F.cross_entropy(logits.flatten(0, 1), targets.flatten())


def step_shapes(config: dict, unique: int) -> dict[str, list[int]]:
  """What steps after the first have of their own in a layer."""
  recursion = config.get("recursion", {})
  hidden, inner = config["hidden_size"], config["intermediate_size"]
  query = config["num_attention_heads"] * config["head_dim"]
  kv = config["num_key_value_heads"] * config["head_dim"]
  layers, shapes = LayerMap.of(config), {}
  for step in range(1, recursion.get("num_recursions", 1)):
    if unique not in layers.block(step):
      continue
    prefix = f"model.layers.{unique}.steps.{step}"
    if "step_lora" in recursion:
      rank = recursion["step_lora"]["rank"]
      fresh = {"k": kv, "v": kv} if config.get("kv_sharing", "none") != "recursive" else {}
      maps = {f"self_attn.{part}_proj": [out, hidden] for part, out in {"q": query, **fresh}.items()}
      maps |= {"self_attn.o_proj": [hidden, query]}
      if "num_local_experts" not in config:
        maps |= {f"mlp.{part}_proj": [inner, hidden] for part in ("gate", "up")} | {"mlp.down_proj": [hidden, inner]}
      for name, (out, into) in maps.items():
        shapes[f"{prefix}.{name}.lora_A.weight"] = [rank, into]
        shapes[f"{prefix}.{name}.lora_B.weight"] = [out, rank]
    if recursion.get("step_norms"):
      shapes[f"{prefix}.input_layernorm.weight"] = [hidden]
      shapes[f"{prefix}.post_attention_layernorm.weight"] = [hidden]
  return shapes


def parameter_shapes(config: dict, auxiliary_routers: bool = False) -> dict[str, list[int]]:
  """Names and shapes in checkpoint order. `model.router.expert_bias` and `THRESHOLDS` are buffers, not parameters."""
  hidden, inner, vocab = config["hidden_size"], config["intermediate_size"], config["vocab_size"]
  query = config["num_attention_heads"] * config["head_dim"]
  kv = config["num_key_value_heads"] * config["head_dim"]
  width = config.get("embedding_size", hidden)
  shapes = {"model.embed_tokens.weight": [vocab, width]}
  if "embedding_size" in config:
    shapes[PROJECTION] = [hidden, width]
  for unique in range(max(LayerMap.of(config).unique) + 1):
    layer = f"model.layers.{unique}"
    shapes[f"{layer}.self_attn.q_proj.weight"] = [query, hidden]
    shapes[f"{layer}.self_attn.k_proj.weight"] = [kv, hidden]
    shapes[f"{layer}.self_attn.v_proj.weight"] = [kv, hidden]
    shapes[f"{layer}.self_attn.o_proj.weight"] = [hidden, query]
    experts = config.get("num_local_experts", 0)
    if experts > 0:
      shapes[f"{layer}.mlp.gate.weight"] = [experts, hidden]
    for network in [f"experts.{expert}." for expert in range(experts)] or [""]:
      shapes[f"{layer}.mlp.{network}gate_proj.weight"] = [inner, hidden]
      shapes[f"{layer}.mlp.{network}up_proj.weight"] = [inner, hidden]
      shapes[f"{layer}.mlp.{network}down_proj.weight"] = [hidden, inner]
    shapes[f"{layer}.input_layernorm.weight"] = [hidden]
    shapes[f"{layer}.post_attention_layernorm.weight"] = [hidden]
    shapes |= step_shapes(config, unique)
  shapes["model.norm.weight"] = [hidden]
  if not config.get("tie_word_embeddings", False):
    shapes["lm_head.weight"] = [vocab, hidden]
  routing = config.get("routing", {"type": "none"})
  recursions = config.get("recursion", {}).get("num_recursions", 1)
  if config.get("recursion", {}).get("step_gates"):
    shapes[STEP_GATES] = [recursions]
  if config.get("recursion", {}).get("injection"):
    shapes |= {INJECTION: [hidden, hidden], "model.injection.decay": [hidden], "model.injection.rate": [hidden]}

  def router(name: str, outputs: int) -> None:
    if routing["router_type"] in ("linear", "position"):
      shapes[f"{name}.weight"] = [outputs, hidden]
    else:
      wide = hidden * {"mlp": 2, "wide_mlp": 4}[routing["router_type"]]
      shapes[f"{name}.0.weight"] = [wide, hidden]
      shapes[f"{name}.2.weight"] = [outputs, wide]

  if routing["type"] == "token_choice":
    router("model.router", recursions)
    shapes["model.router.expert_bias"] = [recursions]
  elif routing["type"] == "expert_threshold":
    for step in range(recursions):
      router(f"model.routers.{step}", 1)
    shapes[THRESHOLDS] = [recursions, len(routing["effort_grid"])]
  elif routing["type"] == "expert_choice":
    for family in ("routers", "auxiliary_routers") if auxiliary_routers else ("routers",):
      for step in range(recursions):
        router(f"model.{family}.{step}", 1)
  return shapes
