"""The golden variants: every option of the model at least once, most of them also in company."""

SMALL = {
  "architectures": ["LlamaForCausalLM"],
  "model_type": "llama",
  "hidden_size": 16,
  "intermediate_size": 18,
  "num_hidden_layers": 8,
  "num_attention_heads": 4,
  "num_key_value_heads": 2,
  "head_dim": 8,
  "vocab_size": 37,
  "max_position_embeddings": 32,
  "rms_norm_eps": 1e-5,
  "rope_theta": 10000.0,
  "tie_word_embeddings": True,
  "initializer_range": 0.02,
  "bos_token_id": 0,
  "eos_token_id": 0,
}
WIDER = {"hidden_size": 24, "intermediate_size": 40}
MIXTRAL = {"num_local_experts": 4, "num_experts_per_tok": 2}
EXPERT = {
  "type": "expert_choice",
  "router_type": "linear",
  "router_func": "sigmoid",
  "alpha": 0.1,
  "temperature": 1.0,
  "gating": "weighted",
}
TOKEN = {
  "type": "token_choice",
  "router_type": "linear",
  "router_func": "softmax",
  "alpha": 1.0,
  "temperature": 1.0,
  "gating": "weighted",
  "token_gate": "every",
}
THRESHOLD = {
  "type": "expert_threshold",
  "router_type": "linear",
  "router_func": "sigmoid",
  "alpha": 0.1,
  "temperature": 1.0,
  "gating": "weighted",
  "effort_grid": [0.25, 0.5, 0.75, 1.0],
  "default_effort": 0.6,
}
RANDOM = {"type": "random", "alpha": 0.1, "gating": "weighted"}

STEP_GATES = {"recursion": {"step_gates": True}}
STEP_LORA = {"recursion": {"step_lora": {"rank": 2, "alpha": 1.0}}}
STEP_NORMS = {"recursion": {"step_norms": True}}
OWN_STEPS = {"recursion": {**STEP_LORA["recursion"], **STEP_NORMS["recursion"]}}
GATE = ("router_func", "alpha", "gating")  # keys of a router whose score is a gate

AUXILIARY = {"supervision": "auxiliary_loss", "auxiliary_loss_coefficient": 0.1}
SECOND_ROUTER = {"supervision": "auxiliary_router"}
BALANCED = {"balancing": "loss", "balancing_loss_coefficient": 0.1, "router_z_loss_coefficient": 1e-3}
LOSS_FREE = {"balancing": "loss_free", "bias_update_rate": 0.01, "router_z_loss_coefficient": 1e-3}
MOVING = {"threshold_update_rate": 0.3}


def _vanilla(**changes) -> dict:
  return {**SMALL, **changes}


def _recursive(sharing: str, recursions: int, kv: str = "none", recursion=None, **changes) -> dict:
  """A recursive model: `recursion` adds keys to that block, `changes` go to the top level."""
  return {
    **SMALL,
    "architectures": ["MixtureOfRecursionsForCausalLM"],
    "model_type": "mixture_of_recursions",
    **changes,
    "recursion": {"sharing": sharing, "num_recursions": recursions, **(recursion or {})},
    "routing": {"type": "none"},
    "kv_sharing": kv,
  }


def _routed(routing: dict, sharing: str, recursions: int, kv: str = "none", drop=(), model=None, **changes) -> dict:
  """A routed model: `changes` go to the routing block, `model` to the top level, `drop` leaves keys to defaults."""
  block = {key: value for key, value in {**routing, **changes}.items() if key not in drop}
  return {**_recursive(sharing, recursions, kv, **(model or {})), "routing": block}


# name -> (config.json, objective)
VARIANTS: dict[str, tuple[dict, dict]] = {
  "vanilla": (_vanilla(num_hidden_layers=3, **WIDER), {}),
  "vanilla_untied_mha": (_vanilla(num_hidden_layers=3, num_key_value_heads=4, tie_word_embeddings=False), {}),
  "vanilla_mqa_theta_eps": (
    _vanilla(num_hidden_layers=3, num_key_value_heads=1, rope_theta=500.0, rms_norm_eps=1e-2),
    {},
  ),
  # A mixture of experts in each layer.
  "vanilla_experts": (_vanilla(num_hidden_layers=3, **MIXTRAL, architectures=["MixtralForCausalLM"], model_type="mixtral"), {}),
  "threshold_experts": (
    _routed(
      THRESHOLD, "middle_cycle", 3, model={**MIXTRAL, "base_model_type": "mixtral", "recursion": OWN_STEPS["recursion"]}
    ),
    MOVING,
  ),
  # The state with which tokens enter the recursion, given to later steps.
  "recursive_injection": (_recursive("middle_cycle", 3, recursion={"injection": True}), {}),
  "expert_injection_kv_hybrid": (
    _routed(EXPERT, "middle_cycle", 3, "hybrid", model={"recursion": {"injection": True}}),
    AUXILIARY,
  ),
  "threshold_injection_gates_kv_recursive": (
    _routed(THRESHOLD, "cycle", 2, "recursive", drop=GATE, model={"recursion": {"injection": True, "step_gates": True}, "num_hidden_layers": 6}),
    {**MOVING, "router_z_loss_coefficient": 0.05},
  ),
  "token_injection": (_routed(TOKEN, "middle_cycle", 3, model={"recursion": {"injection": True}}), BALANCED),
  # A narrow embedding that is projected.
  "vanilla_embedding_size": (_vanilla(num_hidden_layers=3, embedding_size=6), {}),
  "expert_embedding_size_untied": (
    _routed(EXPERT, "middle_cycle", 3, model={"embedding_size": 5, "tie_word_embeddings": False}),
    AUXILIARY,
  ),
  "threshold_embedding_size": (_routed(THRESHOLD, "middle_cycle", 3, model={"embedding_size": 8}), MOVING),
  # Fixed depth, four sharing strategies, with and without shared keys and values.
  "recursive_cycle": (_recursive("cycle", 2, num_hidden_layers=6), {}),
  "recursive_sequence": (_recursive("sequence", 2, num_hidden_layers=6), {}),
  "recursive_middle_cycle": (_recursive("middle_cycle", 3), {}),
  "recursive_middle_sequence": (_recursive("middle_sequence", 3), {}),
  "recursive_cycle_kv_recursive": (_recursive("cycle", 3, "recursive", num_hidden_layers=6), {}),
  "recursive_sequence_kv_recursive": (_recursive("sequence", 3, "recursive", num_hidden_layers=6), {}),
  "recursive_middle_cycle_kv_recursive": (_recursive("middle_cycle", 2, "recursive", num_hidden_layers=6), {}),
  "recursive_middle_sequence_kv_recursive": (_recursive("middle_sequence", 2, "recursive", num_hidden_layers=6), {}),
  # More layers of their own at the ends than one.
  "recursive_middle_cycle_ends": (
    _recursive("middle_cycle", 2, recursion={"entry_layers": 2, "exit_layers": 3}, num_hidden_layers=7),
    {},
  ),
  "recursive_middle_sequence_ends": (
    _recursive("middle_sequence", 2, "recursive", recursion={"entry_layers": 3}, num_hidden_layers=8),
    {},
  ),
  "expert_ends_kv_hybrid": (
    _routed(EXPERT, "middle_cycle", 3, "hybrid", model={"recursion": {"exit_layers": 2}, "num_hidden_layers": 6}),
    AUXILIARY,
  ),
  # Expert choice: the paper's recipe and its neighbours.
  "expert_middle_cycle_3": (_routed(EXPERT, "middle_cycle", 3), AUXILIARY),
  "expert_middle_cycle_2_wider": (
    _routed(EXPERT, "middle_cycle", 2, model={"num_hidden_layers": 4, **WIDER}),
    AUXILIARY,
  ),
  "expert_middle_cycle_4": (_routed(EXPERT, "middle_cycle", 4, model={"num_hidden_layers": 6}), AUXILIARY),
  "expert_cycle_3_defaults": (
    _routed(EXPERT, "cycle", 3, drop=("alpha",), model={"num_hidden_layers": 6}),
    AUXILIARY,
  ),
  "expert_cycle_2_untied_mqa": (
    _routed(EXPERT, "cycle", 2, model={"tie_word_embeddings": False, "num_key_value_heads": 1, "num_hidden_layers": 6}),
    AUXILIARY,
  ),
  "expert_mha": (_routed(EXPERT, "middle_cycle", 3, model={"num_key_value_heads": 4}), AUXILIARY),
  "expert_no_supervision": (_routed(EXPERT, "middle_cycle", 3), {}),
  "expert_mlp": (_routed(EXPERT, "middle_cycle", 3, router_type="mlp"), AUXILIARY),
  "expert_wide_mlp": (_routed(EXPERT, "middle_cycle", 3, router_type="wide_mlp"), AUXILIARY),
  "expert_position": (_routed(EXPERT, "middle_cycle", 3, router_type="position", temperature=0.5), AUXILIARY),
  "expert_position_auxiliary_router": (
    _routed(EXPERT, "middle_cycle", 3, router_type="position", causal_by="auxiliary_router"),
    SECOND_ROUTER,
  ),
  "expert_tanh": (_routed(EXPERT, "middle_cycle", 3, router_func="tanh", alpha=0.3), AUXILIARY),
  "expert_none": (_routed(EXPERT, "middle_cycle", 3, router_func="none", drop=("alpha",)), AUXILIARY),
  "expert_additive": (_routed(EXPERT, "middle_cycle", 3, gating="additive"), AUXILIARY),
  "expert_alpha_temperature": (_routed(EXPERT, "middle_cycle", 3, alpha=0.7, temperature=0.5), AUXILIARY),
  "expert_z_loss": (
    _routed(EXPERT, "middle_cycle", 3),
    {**AUXILIARY, "router_z_loss_coefficient": 0.05},
  ),
  "expert_auxiliary_router": (_routed(EXPERT, "middle_cycle", 3), SECOND_ROUTER),
  "expert_auxiliary_router_causal": (
    _routed(EXPERT, "middle_cycle", 3, router_type="mlp", temperature=0.5, causal_by="auxiliary_router"),
    SECOND_ROUTER,
  ),
  "expert_capacity_warmup": (
    _routed(EXPERT, "middle_cycle", 3),
    {**AUXILIARY, "capacity_warmup_steps": 5},
  ),
  "expert_capacity": (_routed(EXPERT, "middle_cycle", 3, capacity=[1.0, 0.57, 0.23]), AUXILIARY),
  "expert_capacity_floor": (_routed(EXPERT, "middle_cycle", 3, capacity=[1.0, 0.3, 0.01]), AUXILIARY),
  "expert_threshold_list": (_routed(EXPERT, "middle_cycle", 3, threshold=[0.0, 0.35, 0.62]), AUXILIARY),
  "expert_kv_recursive": (_routed(EXPERT, "middle_cycle", 3, "recursive"), AUXILIARY),
  "expert_cycle_kv_recursive": (
    _routed(EXPERT, "cycle", 3, "recursive", model={"num_hidden_layers": 6}),
    AUXILIARY,
  ),
  "expert_kv_hybrid": (_routed(EXPERT, "middle_cycle", 3, "hybrid"), AUXILIARY),
  "expert_cycle_kv_hybrid": (_routed(EXPERT, "cycle", 2, "hybrid", model={"num_hidden_layers": 6}), AUXILIARY),
  "expert_many_options": (
    _routed(
      EXPERT,
      "middle_cycle",
      3,
      "hybrid",
      router_type="mlp",
      router_func="tanh",
      gating="additive",
      temperature=2.0,
      threshold=[0.0, 0.45, 0.55],
      model={"tie_word_embeddings": False, "num_key_value_heads": 1},
    ),
    {**AUXILIARY, "router_z_loss_coefficient": 0.01},
  ),
  # Expert threshold: routed by moving thresholds in training too. EFFORTS has what each micro-batch draws.
  "threshold_middle_cycle_3": (_routed(THRESHOLD, "middle_cycle", 3), MOVING),
  "threshold_middle_cycle_2_wider": (
    _routed(THRESHOLD, "middle_cycle", 2, default_effort=0.4, model={"num_hidden_layers": 4, **WIDER}),
    {"threshold_update_rate": 0.6},
  ),
  "threshold_cycle_4_defaults": (
    _routed(
      THRESHOLD,
      "cycle",
      4,
      drop=("alpha", "temperature"),
      effort_grid=[0.5, 0.8, 1.0],
      default_effort=0.7,
      model={"num_hidden_layers": 8},
    ),
    MOVING,
  ),
  "threshold_micro_batches": (_routed(THRESHOLD, "middle_cycle", 3), {**MOVING, "router_z_loss_coefficient": 0.05}),
  "threshold_z_loss_additive": (
    _routed(THRESHOLD, "middle_cycle", 3, gating="additive"),
    {**MOVING, "router_z_loss_coefficient": 0.05},
  ),
  "threshold_tanh_mlp": (
    _routed(THRESHOLD, "middle_cycle", 3, router_type="mlp", router_func="tanh", alpha=0.3, temperature=2.0),
    MOVING,
  ),
  "threshold_position": (_routed(THRESHOLD, "middle_cycle", 3, router_type="position"), MOVING),
  "threshold_none_frozen": (_routed(THRESHOLD, "middle_cycle", 3, router_func="none", drop=("alpha",)), {}),
  "threshold_kv_recursive": (_routed(THRESHOLD, "middle_cycle", 3, "recursive"), MOVING),
  "threshold_kv_hybrid": (_routed(THRESHOLD, "middle_cycle", 3, "hybrid"), MOVING),
  # Gates of the steps; the router's score gates nothing.
  "recursive_step_gates": (_recursive("middle_cycle", 3, **STEP_GATES), {}),
  "recursive_step_gates_kv_recursive": (_recursive("cycle", 3, "recursive", num_hidden_layers=6, **STEP_GATES), {}),
  "expert_step_gates": (_routed(EXPERT, "middle_cycle", 3, drop=GATE, model=STEP_GATES), AUXILIARY),
  "expert_step_gates_kv_recursive": (
    _routed(EXPERT, "cycle", 3, "recursive", drop=GATE, model={"num_hidden_layers": 6, **STEP_GATES}),
    AUXILIARY,
  ),
  "expert_step_gates_kv_hybrid_ends": (
    _routed(
      EXPERT,
      "middle_cycle",
      2,
      "hybrid",
      drop=GATE,
      model={"recursion": {"step_gates": True, "entry_layers": 2}, "num_hidden_layers": 7},
    ),
    AUXILIARY,
  ),
  "expert_step_gates_auxiliary_router_causal": (
    _routed(EXPERT, "middle_cycle", 3, drop=GATE, causal_by="auxiliary_router", model=STEP_GATES),
    {**SECOND_ROUTER, "router_z_loss_coefficient": 0.05},
  ),
  "threshold_step_gates": (
    _routed(THRESHOLD, "middle_cycle", 3, drop=GATE, model=STEP_GATES),
    {**MOVING, "router_z_loss_coefficient": 0.05},
  ),
  "threshold_step_gates_kv_hybrid": (
    _routed(THRESHOLD, "middle_cycle", 3, "hybrid", drop=GATE, model=STEP_GATES),
    {**MOVING, "router_z_loss_coefficient": 0.05},
  ),
  "random_step_gates": (_routed(RANDOM, "middle_cycle", 3, drop=GATE, model=STEP_GATES), {}),
  # What breaks the sameness of steps: low-rank updates and norms of steps after the first.
  "recursive_step_lora": (_recursive("middle_cycle", 3, **STEP_LORA), {}),
  "recursive_step_norms": (_recursive("cycle", 2, num_hidden_layers=6, **STEP_NORMS), {}),
  "recursive_own_steps_kv_recursive": (_recursive("cycle", 3, "recursive", num_hidden_layers=6, **OWN_STEPS), {}),
  "expert_own_steps_kv_hybrid_ends": (
    _routed(
      EXPERT,
      "middle_cycle",
      3,
      "hybrid",
      model={"recursion": {**OWN_STEPS["recursion"], "exit_layers": 2}, "num_hidden_layers": 6},
    ),
    AUXILIARY,
  ),
  "threshold_own_steps_gates": (
    _routed(THRESHOLD, "middle_cycle", 3, drop=GATE, model={"recursion": {**OWN_STEPS["recursion"], "step_gates": True}}),
    {**MOVING, "router_z_loss_coefficient": 0.05},
  ),
  "token_own_steps": (_routed(TOKEN, "middle_cycle", 3, model=OWN_STEPS), BALANCED),
  # Random routing, with the uniform draws in the file.
  "random": (_routed(RANDOM, "middle_cycle", 3), {}),
  "random_additive_cycle": (
    _routed(RANDOM, "cycle", 2, gating="additive", model={"num_hidden_layers": 6}),
    {},
  ),
  "random_kv_recursive": (_routed(RANDOM, "middle_cycle", 3, "recursive", alpha=0.8), {}),
  # Token choice.
  "token_middle_cycle_3": (_routed(TOKEN, "middle_cycle", 3), BALANCED),
  "token_middle_cycle_2_wider": (
    _routed(TOKEN, "middle_cycle", 2, model={"num_hidden_layers": 4, **WIDER}),
    BALANCED,
  ),
  "token_middle_cycle_4": (_routed(TOKEN, "middle_cycle", 4, model={"num_hidden_layers": 6}), BALANCED),
  "token_cycle": (
    _routed(TOKEN, "cycle", 3, drop=("alpha", "token_gate"), model={"num_hidden_layers": 6}),
    BALANCED,
  ),
  "token_gate_last": (_routed(TOKEN, "middle_cycle", 3, token_gate="last"), BALANCED),
  "token_sigmoid": (_routed(TOKEN, "middle_cycle", 3, router_func="sigmoid", alpha=0.7), BALANCED),
  "token_sigmoid_gate_last": (
    _routed(TOKEN, "middle_cycle", 3, router_func="sigmoid", token_gate="last", drop=("alpha",)),
    BALANCED,
  ),
  "token_alpha_temperature": (_routed(TOKEN, "middle_cycle", 3, alpha=1.5, temperature=0.5), BALANCED),
  "token_additive": (_routed(TOKEN, "middle_cycle", 3, gating="additive"), BALANCED),
  "token_position": (_routed(TOKEN, "middle_cycle", 3, router_type="position"), BALANCED),
  "token_mlp": (_routed(TOKEN, "middle_cycle", 3, router_type="mlp"), BALANCED),
  "token_wide_mlp_untied": (
    _routed(TOKEN, "middle_cycle", 3, router_type="wide_mlp", model={"tie_word_embeddings": False}),
    BALANCED,
  ),
  "token_loss_free": (_routed(TOKEN, "middle_cycle", 3), LOSS_FREE),
  "token_loss_free_sigmoid": (_routed(TOKEN, "middle_cycle", 3, router_func="sigmoid", alpha=0.4), LOSS_FREE),
  "token_balancing_warmup": (
    _routed(TOKEN, "middle_cycle", 3),
    {**LOSS_FREE, "balancing_warmup_steps": 2},
  ),
  "token_kv_recursive": (_routed(TOKEN, "middle_cycle", 3, "recursive"), BALANCED),
  "token_cycle_kv_recursive_gate_last": (
    _routed(TOKEN, "cycle", 2, "recursive", token_gate="last", model={"num_hidden_layers": 6}),
    BALANCED,
  ),
  "token_kv_hybrid": (_routed(TOKEN, "middle_cycle", 3, "hybrid"), BALANCED),
  # Keys and values of tokens that left, made of their last states.
  "expert_kv_completion": (_routed(EXPERT, "middle_cycle", 3, "completion"), AUXILIARY),
  "expert_own_steps_kv_completion": (_routed(EXPERT, "middle_cycle", 3, "completion", model=OWN_STEPS), AUXILIARY),
  "threshold_step_gates_kv_completion": (
    _routed(THRESHOLD, "cycle", 3, "completion", drop=GATE, model={"num_hidden_layers": 6, **STEP_GATES}),
    {**MOVING, "router_z_loss_coefficient": 0.05},
  ),
  "threshold_injection_kv_completion": (
    _routed(THRESHOLD, "middle_cycle", 3, "completion", model={"recursion": {"injection": True}}),
    MOVING,
  ),
  "token_kv_completion": (_routed(TOKEN, "middle_cycle", 3, "completion"), BALANCED),
}

# Micro-batches at full depth, with a loss after every recursion; EXITS has which they are.
_GATED = dict(drop=GATE, model=STEP_GATES)
_SOME_Z = {**MOVING, "router_z_loss_coefficient": 0.05}


def _deep(prior: str, **router) -> dict:
  """The objective of a variant with micro-batches at full depth; `router` has the keys of its section, if any."""
  taught = {"router": {"coefficient": 1.0, "reaches_trunk": False, **router}} if router else {}
  return {"full_depth": {"share": 0.5, "prior": prior, **taught}}


def _distilled(objective: dict, **distillation) -> dict:
  """The same objective with the keys of the section `distillation`."""
  return {"full_depth": {**objective["full_depth"], "distillation": distillation}}


VARIANTS |= {
  "full_depth_recursive_uniform": (_recursive("middle_cycle", 3), _deep("uniform")),
  "full_depth_recursive_geometric_step_gates_ends": (
    _recursive(
      "middle_cycle",
      3,
      "recursive",
      recursion={"step_gates": True, "exit_layers": 2},
      num_hidden_layers=9,
    ),
    _deep("geometric"),
  ),
  "full_depth_recursive_sampled_untied": (
    _recursive("cycle", 3, num_hidden_layers=6, tie_word_embeddings=False),
    _deep("sampled"),
  ),
  "full_depth_threshold": (_routed(THRESHOLD, "middle_cycle", 3), {**_SOME_Z, **_deep("uniform")}),
  "full_depth_random": (_routed(RANDOM, "middle_cycle", 3), _deep("geometric")),
  # Shallow exits that the deepest one teaches.
  "full_depth_distillation": (
    _recursive("middle_cycle", 3),
    _distilled(_deep("uniform"), coefficient=0.5, temperature=2.0),
  ),
  "full_depth_distillation_gain_untied": (
    _routed(THRESHOLD, "middle_cycle", 3, drop=GATE, model={**STEP_GATES, "tie_word_embeddings": False}),
    {**_SOME_Z, **_distilled(_deep("geometric", target="regression", clip=0.4), coefficient=2.0, temperature=0.7)},
  ),
  # Routers that measured gain teaches.
  "full_depth_gain_regression": (
    _routed(THRESHOLD, "middle_cycle", 3, **_GATED),
    {**_SOME_Z, **_deep("uniform", target="regression", clip=0.4)},
  ),
  "full_depth_gain_labels": (
    _routed(THRESHOLD, "middle_cycle", 3, "hybrid", **_GATED),
    {**_SOME_Z, **_deep("geometric", target="weighted_labels", kept_gain=0.8)},
  ),
  "full_depth_gain_divergence": (
    _routed(THRESHOLD, "middle_cycle", 3, **_GATED),
    {**_SOME_Z, **_deep("uniform", target="divergence", clip=0.3, coefficient=0.5)},
  ),
  "full_depth_gain_reaches_trunk": (
    _routed(THRESHOLD, "middle_cycle", 3, router_type="mlp", **_GATED),
    {**_SOME_Z, **_deep("sampled", target="regression", clip=1.0, reaches_trunk=True)},
  ),
  "full_depth_gain_rejected_regression": (
    _routed(THRESHOLD, "middle_cycle", 3, **_GATED),
    {**_SOME_Z, **_deep("uniform", target="regression", clip=0.4, rejected_share=0.6)},
  ),
  "full_depth_gain_rejected_divergence": (
    _routed(THRESHOLD, "middle_cycle", 3, "recursive", **_GATED),
    {**_SOME_Z, **_deep("uniform", target="divergence", clip=0.4, rejected_share=0.6)},
  ),
}

# A frozen model that teaches: on text of its own, at a depth that all tokens take, or on the text of the batch.
VARIANTS |= {
  "teacher_first_pass_of_deepened": (
    _routed(THRESHOLD, "middle_cycle", 3, drop=GATE, model=STEP_GATES),
    {
      **_SOME_Z,
      "teacher": {"config": {**SMALL, "num_hidden_layers": 4}, "coefficient": 0.5, "temperature": 2.0, "depth": 1},
    },
  ),
  "teacher_second_pass_untied": (
    _recursive("middle_cycle", 3, tie_word_embeddings=False),
    {
      "teacher": {
        "config": _routed(THRESHOLD, "middle_cycle", 3),
        "coefficient": 1.5,
        "temperature": 1.0,
        "depth": 2,
      },
    },
  ),
  "teacher_on_the_batch": (
    _recursive("cycle", 3, num_hidden_layers=6),
    {"teacher": {"config": {**SMALL, "num_hidden_layers": 6}, "coefficient": 2.0, "temperature": 0.7}},
  ),
}

# The efforts that the micro-batches of the five steps draw; as many as there are entries share the batch evenly.
_ONE_MICRO_BATCH = [[0.5], [0.25], [1.0], [0.75], [0.5]]
EFFORTS: dict[str, list[list[float]]] = {
  name: _ONE_MICRO_BATCH for name in VARIANTS if name.startswith("threshold_")
} | {
  "teacher_first_pass_of_deepened": _ONE_MICRO_BATCH,
  "threshold_cycle_4_defaults": [[0.8], [0.5], [1.0], [0.8], [0.5]],
  "threshold_micro_batches": [[0.5, 1.0, 0.25], [0.75, 0.5, 0.5], [1.0, 1.0, 0.75], [0.25, 0.75, 0.5], [0.5, 0.25, 1.0]],
}

# Of each micro-batch of the five steps 0 if it is routed, else the exit that a sampled prior has drawn: it is at full
# depth. Those at full depth count as effort 1.
EXITS: dict[str, list[list[int]]] = {
  name: [[0, 3, 2], [1, 0, 0], [2, 2, 1], [0, 1, 0], [3, 0, 1]] for name in VARIANTS if name.startswith("full_depth_")
}
EFFORTS |= {
  name: [[0.5, 1.0, 1.0], [1.0, 0.25, 0.75], [1.0, 1.0, 1.0], [0.75, 1.0, 0.5], [1.0, 0.25, 1.0]]
  for name, (config, _) in VARIANTS.items()
  if name in EXITS and config["routing"]["type"] == "expert_threshold"
}
