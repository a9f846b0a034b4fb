"""What small models of each family compute, from formulas of their own in PyTorch (float64).

Writes golden/families/NAME/: config.json and weights as Hugging Face's library would leave them, and expected.json:
the ids of one text, the log-probability of each id given those before it, and the logits after the last one. The
text is longer than every window and than the context that positions were stretched from.

    /usr/bin/python3 golden/reference/families.py
"""

import json
import math
import pathlib

import torch
from safetensors.torch import save_file

OUT = pathlib.Path(__file__).resolve().parent.parent / "families"
VOCABULARY = 257
LENGTH = 96
WINDOW = 11
BASE = {
    "hidden_size": 16, "intermediate_size": 24, "num_hidden_layers": 5, "num_attention_heads": 4,
    "num_key_value_heads": 2, "head_dim": 8, "vocab_size": VOCABULARY, "max_position_embeddings": 128,
    "rms_norm_eps": 1e-6, "rope_theta": 10000.0, "hidden_act": "silu", "tie_word_embeddings": False,
    "bos_token_id": None, "eos_token_id": 0, "torch_dtype": "float32", "use_cache": True,
}
FULL, SLIDING = "full_attention", "sliding_attention"
LLAMA3 = {"rope_type": "llama3", "factor": 4.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
          "original_max_position_embeddings": 32}
YARN = {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 32}
FAMILIES = {
    "llama": ("llama", {}),
    "llama_biases": ("llama", {"attention_bias": True, "mlp_bias": True, "tie_word_embeddings": True}),
    "llama3_scaling": ("llama", {"rope_scaling": LLAMA3, "rope_theta": 500000.0, "eos_token_id": [0, 5, 6]}),
    "llama_linear": ("llama", {"rope_scaling": {"type": "linear", "factor": 2.0}}),
    "llama_yarn_mscale": ("llama", {"rope_scaling": dict(YARN, mscale=1.0, mscale_all_dim=0.7, beta_fast=8.0)}),
    "mistral": ("mistral", {"sliding_window": WINDOW}),
    "mistral_no_window": ("mistral", {"sliding_window": None, "torch_dtype": "bfloat16"}),
    "qwen2": ("qwen2", {"use_sliding_window": False, "sliding_window": 64, "max_window_layers": 2}),
    "qwen2_window": ("qwen2", {"use_sliding_window": True, "sliding_window": WINDOW, "max_window_layers": 2}),
    "qwen2_yarn": ("qwen2", {"rope_scaling": YARN}),
    "qwen3": ("qwen3", {"attention_bias": False, "tie_word_embeddings": True}),
    "qwen3_bias_parameters": ("qwen3", {"attention_bias": True, "rope_theta": None, "torch_dtype": "float16",
                              "rope_parameters": dict(YARN, rope_theta=100000.0, attention_factor=1.3, truncate=False)}),
    "smollm3": ("smollm3", {"no_rope_layers": [1, 0, 1, 1, 0], "mlp_bias": False}),
    "smollm3_window": ("smollm3", {"use_sliding_window": True, "sliding_window": WINDOW, "no_rope_layer_interval": 2}),
    "olmo2": ("olmo2", {"attention_bias": False}),
    "olmo2_bias": ("olmo2", {"attention_bias": True, "num_key_value_heads": 4}),
    "olmo3": ("olmo3", {"sliding_window": WINDOW, "rope_scaling": YARN}),
    "olmo3_types": ("olmo3", {"sliding_window": 7, "attention_bias": True, "rope_theta": 500000.0,
                    "layer_types": [FULL, SLIDING, SLIDING, FULL, SLIDING]}),
    "olmo3_no_window": ("olmo3", {"sliding_window": None, "layer_types": [FULL] * 5, "rope_scaling": YARN}),
    "olmo3_wide": ("olmo3", {"sliding_window": 3, "num_key_value_heads": 4, "head_dim": 4, "num_hidden_layers": 9,
                   "tie_word_embeddings": True}),
    "exaone4": ("exaone4", {"sliding_window": None, "sliding_window_pattern": None, "rope_scaling": LLAMA3}),
    "exaone4_window": ("exaone4", {"sliding_window": WINDOW, "sliding_window_pattern": "LLG"}),
    "exaone4_number": ("exaone4", {"sliding_window": 5, "sliding_window_pattern": 2, "tie_word_embeddings": True}),
    "exaone4_types": ("exaone4", {"sliding_window": WINDOW, "num_key_value_heads": 1, "num_attention_heads": 3,
                      "layer_types": [SLIDING, FULL, FULL, SLIDING, SLIDING], "rope_theta": 1000000.0}),
    "granite": ("granite", {"embedding_multiplier": 12.0, "attention_multiplier": 0.0625, "residual_multiplier": 0.22,
                "logits_scaling": 8.0, "tie_word_embeddings": True}),
    "granite_biases": ("granite", {"attention_bias": True, "mlp_bias": True, "attention_multiplier": 0.5,
                       "logits_scaling": 0.7}),
    "granite_usual": ("granite", {"embedding_multiplier": 3.0, "attention_multiplier": 8 ** -0.5, "rope_scaling": LLAMA3}),
    "granite_left_out": ("granite", {"residual_multiplier": 1.5, "num_key_value_heads": 4}),
    "seed_oss": ("seed_oss", {"attention_dropout": 0.1, "residual_dropout": 0.1, "rope_theta": 10000000.0}),
    "seed_oss_output": ("seed_oss", {"attention_out_bias": True, "mlp_bias": True}),
    "seed_oss_no_bias": ("seed_oss", {"attention_bias": False, "tie_word_embeddings": True}),
    "seed_oss_odd": ("seed_oss", {"attention_bias": False, "attention_out_bias": True, "num_attention_heads": 3,
                     "num_key_value_heads": 1, "rope_scaling": YARN}),
    "gemma3": ("gemma3_text", {"sliding_window": WINDOW, "sliding_window_pattern": 3, "query_pre_attn_scalar": 8,
               "rope_theta": 1000000.0, "rope_local_base_freq": 10000.0, "tie_word_embeddings": True}),
    "gemma3_types": ("gemma3_text", {"sliding_window": 5, "query_pre_attn_scalar": 13.5, "attention_bias": True,
                     "layer_types": [SLIDING, FULL, SLIDING, SLIDING, FULL], "rope_theta": 50000.0,
                     "rope_scaling": {"rope_type": "linear", "factor": 4.0}}),
    "gemma3_left_out": ("gemma3_text", {"num_attention_heads": 3, "num_key_value_heads": 1, "num_hidden_layers": 7}),
    "gemma3_parameters": ("gemma3_text", {"sliding_window": 9, "rope_theta": None, "query_pre_attn_scalar": 24,
                          "layer_types": [FULL, FULL, SLIDING, SLIDING, FULL], "rope_parameters": {
                              FULL: {"rope_type": "linear", "factor": 8.0, "rope_theta": 70000.0},
                              SLIDING: {"rope_type": "default", "rope_theta": 300.0}}}),
    "phi3": ("phi3", {"original_max_position_embeddings": 128, "resid_pdrop": 0.1, "sliding_window": None}),
    "phi3_window": ("phi3", {"sliding_window": WINDOW, "partial_rotary_factor": 0.5, "tie_word_embeddings": True}),
    "phi3_long": ("phi3", {"partial_rotary_factor": 0.75, "original_max_position_embeddings": 32, "sliding_window": 262144,
                  "rope_scaling": {"type": "longrope", "short_factor": [1.0, 1.1, 1.2], "long_factor": [1.1, 3.5, 6.0]}}),
    "phi3_parameters": ("phi3", {"num_attention_heads": 3, "num_key_value_heads": 1, "rope_theta": None, "rope_parameters": {
                        "rope_type": "longrope", "short_factor": [1.0, 1.3], "long_factor": [9.0, 9.0], "rope_theta": 300.0,
                        "original_max_position_embeddings": 128, "attention_factor": 1.3, "partial_rotary_factor": 0.6}}),
    "gemma2": ("gemma2", {"sliding_window": WINDOW, "query_pre_attn_scalar": 8, "attn_logit_softcapping": 1.5,
               "final_logit_softcapping": 4.0, "tie_word_embeddings": True, "sliding_window_size": WINDOW}),
    "gemma2_types": ("gemma2", {"sliding_window": 5, "query_pre_attn_scalar": 13.5, "attention_bias": True,
                     "layer_types": [FULL, SLIDING, SLIDING, FULL, SLIDING], "attn_logit_softcapping": 0.7,
                     "final_logit_softcapping": None, "rope_scaling": {"rope_type": "linear", "factor": 4.0}}),
    "gemma2_left_out": ("gemma2", {"num_attention_heads": 3, "num_key_value_heads": 1, "num_hidden_layers": 7}),
    "gemma2_parameters": ("gemma2", {"sliding_window": None, "layer_types": [FULL] * 5, "head_dim": 16, "rope_theta": None,
                          "rope_parameters": dict(YARN, rope_theta=300.0), "attn_logit_softcapping": None,
                          "final_logit_softcapping": 2.0, "query_pre_attn_scalar": 24}),
    "glm4": ("glm4", {}),
    "glm4_no_bias": ("glm4", {"attention_bias": False, "partial_rotary_factor": 0.75, "num_attention_heads": 3,
                     "num_key_value_heads": 1, "tie_word_embeddings": True}),
    "glm4_yarn": ("glm4", {"head_dim": 12, "partial_rotary_factor": 0.5, "rope_scaling": YARN}),
    "glm4_parameters": ("glm4", {"num_key_value_heads": 4, "rope_theta": None, "rope_parameters": {
                        "rope_type": "linear", "factor": 3.0, "rope_theta": 300.0, "partial_rotary_factor": 1.0}}),
    "glm": ("glm", {"rope_theta": 500000.0}),
    "glm_no_bias": ("glm", {"attention_bias": False, "partial_rotary_factor": 0.25, "tie_word_embeddings": True}),
    "ministral3": ("ministral3", {"rope_theta": None, "rope_parameters": dict(
                   YARN, type="yarn", rope_theta=1000000.0, mscale=1.0, mscale_all_dim=1.0, max_position_embeddings=128,
                   llama_4_scaling_beta=0.1)}),
    "ministral3_window": ("ministral3", {"sliding_window": WINDOW, "num_attention_heads": 3, "num_key_value_heads": 1,
                          "tie_word_embeddings": True, "rope_theta": None, "rope_parameters": dict(
                              YARN, rope_theta=10000.0, original_max_position_embeddings=20, beta_fast=4.0,
                              attention_factor=1.2, llama_4_scaling_beta=0.7)}),
    "ministral3_scaling": ("ministral3", {"rope_scaling": dict(YARN, llama_4_scaling_beta=0.4), "head_dim": 12}),
    "ministral3_left_out": ("ministral3", {"rope_theta": None}),
    "cohere2": ("cohere2", {"sliding_window": WINDOW, "logit_scale": 0.25, "layer_norm_eps": 1e-3,
                "tie_word_embeddings": True, "rotary_pct": 1.0, "use_parallel_block": True}),
    "cohere2_types": ("cohere2", {"sliding_window": 7, "layer_types": [FULL, SLIDING, FULL, FULL, SLIDING],
                      "logit_scale": 0.3, "attention_bias": True, "num_attention_heads": 3, "num_key_value_heads": 1,
                      "rope_scaling": YARN, "tie_word_embeddings": True}),
    "cohere2_pattern": ("cohere2", {"sliding_window": WINDOW, "sliding_window_pattern": 2, "head_dim": 12,
                        "rope_theta": None, "rope_parameters": {"rope_type": "linear", "factor": 3.0, "rope_theta": 300.0}}),
    "cohere2_left_out": ("cohere2", {"layer_types": [SLIDING] * 3 + [FULL] * 2, "tie_word_embeddings": True}),
    "starcoder2": ("starcoder2", {"sliding_window": WINDOW, "norm_epsilon": 1e-3, "tie_word_embeddings": True,
                   "mlp_type": "default", "norm_type": "layer_norm"}),
    "starcoder2_no_bias": ("starcoder2", {"use_bias": False, "num_attention_heads": 3, "num_key_value_heads": 1,
                           "sliding_window": None, "rope_scaling": YARN}),
    "starcoder2_linear": ("starcoder2", {"head_dim": 12, "sliding_window": 7, "rope_theta": None, "rope_parameters": {
                          "rope_type": "linear", "factor": 3.0, "rope_theta": 300.0}}),
    "starcoder2_left_out": ("starcoder2", {"tie_word_embeddings": True}),
    "mixtral": ("mixtral", {"num_local_experts": 4, "num_experts_per_tok": 2, "output_router_logits": False,
                "router_aux_loss_coef": 0.02, "router_jitter_noise": 0.0, "sliding_window": None}),
    "mixtral_window": ("mixtral", {"num_local_experts": 3, "num_experts_per_tok": 3, "sliding_window": WINDOW,
                       "num_attention_heads": 3, "num_key_value_heads": 1, "tie_word_embeddings": True}),
    "mixtral_left_out": ("mixtral", {"rope_scaling": YARN}),
    "mixtral_one": ("mixtral", {"num_local_experts": 5, "num_experts_per_tok": 1, "head_dim": 12, "torch_dtype": "bfloat16"}),
    "qwen3_moe": ("qwen3_moe", {"num_experts": 6, "num_experts_per_tok": 2, "moe_intermediate_size": 10,
                  "decoder_sparse_step": 1, "mlp_only_layers": [], "norm_topk_prob": True, "use_sliding_window": False,
                  "sliding_window": None, "max_window_layers": 5}),
    "qwen3_moe_sums": ("qwen3_moe", {"num_experts": 7, "num_experts_per_tok": 3, "moe_intermediate_size": 12,
                       "norm_topk_prob": False, "attention_bias": True, "rope_theta": 1000000.0, "rope_scaling": YARN}),
    "qwen3_moe_window": ("qwen3_moe", {"num_experts": 4, "num_experts_per_tok": 1, "moe_intermediate_size": 32,
                         "use_sliding_window": True, "sliding_window": 7, "tie_word_embeddings": True}),
    "qwen3_moe_all": ("qwen3_moe", {"num_experts": 3, "num_experts_per_tok": 3, "moe_intermediate_size": 8,
                      "head_dim": 12, "num_attention_heads": 3, "num_key_value_heads": 3}),
    "olmoe": ("olmoe", {"num_experts": 8, "num_experts_per_tok": 3, "norm_topk_prob": False, "clip_qkv": None}),
    "olmoe_shares": ("olmoe", {"num_experts": 5, "num_experts_per_tok": 2, "norm_topk_prob": True, "attention_bias": True,
                     "num_key_value_heads": 4}),
    "olmoe_linear": ("olmoe", {"num_experts": 9, "num_experts_per_tok": 1, "tie_word_embeddings": True,
                     "rope_scaling": {"type": "linear", "factor": 3.0}}),
    "olmoe_left_out": ("olmoe", {"intermediate_size": 3}),
    "granitemoe": ("granitemoe", {"num_local_experts": 5, "num_experts_per_tok": 2, "embedding_multiplier": 6.0,
                   "attention_multiplier": 0.3, "residual_multiplier": 0.22, "logits_scaling": 2.0}),
    "granitemoe_bias": ("granitemoe", {"num_local_experts": 3, "num_experts_per_tok": 1, "attention_bias": True,
                        "tie_word_embeddings": True, "attention_multiplier": 0.3}),
    "granitemoe_yarn": ("granitemoe", {"num_local_experts": 8, "num_experts_per_tok": 4, "rope_scaling": YARN,
                        "num_attention_heads": 3, "num_key_value_heads": 1, "residual_multiplier": 0.5}),
    "granitemoe_left_out": ("granitemoe", {"torch_dtype": "float16"}),
    "mistral_odd": ("mistral", {"sliding_window": 7, "num_attention_heads": 3, "num_key_value_heads": 1, "head_dim": 12,
                    "tie_word_embeddings": True, "rope_theta": 1000000.0}),
    "mistral_linear": ("mistral", {"sliding_window": None, "num_key_value_heads": 4,
                       "rope_scaling": {"rope_type": "linear", "factor": 4.0}}),
    "qwen2_odd": ("qwen2", {"use_sliding_window": True, "sliding_window": 5, "max_window_layers": 0, "hidden_size": 24,
                  "num_attention_heads": 3, "num_key_value_heads": 1, "tie_word_embeddings": True, "rope_theta": 1000000.0}),
    "qwen3_window": ("qwen3", {"use_sliding_window": True, "sliding_window": 7, "max_window_layers": 1, "head_dim": 12,
                     "num_attention_heads": 3, "num_key_value_heads": 1}),
    "qwen3_linear": ("qwen3", {"rope_scaling": {"type": "linear", "factor": 3.0}, "num_key_value_heads": 4,
                     "num_hidden_layers": 7, "torch_dtype": "bfloat16"}),
    "smollm3_left_out": ("smollm3", {"num_attention_heads": 3, "num_key_value_heads": 1, "num_hidden_layers": 9,
                         "tie_word_embeddings": True}),
    "smollm3_biases": ("smollm3", {"no_rope_layers": [1, 1, 1, 1, 1], "attention_bias": True, "mlp_bias": True,
                       "rope_scaling": YARN}),
    "olmo2_yarn": ("olmo2", {"rope_scaling": YARN, "num_attention_heads": 3, "num_key_value_heads": 1,
                   "tie_word_embeddings": True}),
    "olmo2_linear": ("olmo2", {"rope_scaling": {"type": "linear", "factor": 3.0}, "head_dim": 4, "num_hidden_layers": 7,
                     "rope_theta": 500000.0}),
    "glm_yarn": ("glm", {"head_dim": 12, "rope_scaling": YARN, "num_attention_heads": 3, "num_key_value_heads": 1}),
    "glm_parameters": ("glm", {"num_key_value_heads": 4, "rope_theta": None, "tie_word_embeddings": True,
                       "rope_parameters": {"rope_type": "linear", "factor": 3.0, "rope_theta": 300.0,
                                           "partial_rotary_factor": 0.75}}),
    "llama3_between": ("llama", {"rope_scaling": LLAMA3, "rope_theta": 40.0}),
    "exaone4_between": ("exaone4", {"rope_scaling": LLAMA3, "rope_theta": 40.0, "sliding_window": None}),
    "granite_between": ("granite", {"rope_scaling": LLAMA3, "rope_theta": 40.0, "attention_multiplier": 0.3}),
    "llama_yarn_between": ("llama", {"rope_scaling": dict(YARN, beta_fast=3.0, truncate=False), "rope_theta": 40.0}),
    "qwen3_yarn_between": ("qwen3", {"rope_theta": None, "rope_parameters": dict(
                           YARN, rope_theta=40.0, beta_fast=3.0, truncate=False)}),
    "ministral3_between": ("ministral3", {"rope_theta": None, "rope_parameters": dict(
                           YARN, rope_theta=40.0, beta_fast=3.0, truncate=False, llama_4_scaling_beta=0.2)}),
}
CLASSES = {"llama": "LlamaForCausalLM", "mistral": "MistralForCausalLM", "qwen2": "Qwen2ForCausalLM",
           "qwen3": "Qwen3ForCausalLM", "smollm3": "SmolLM3ForCausalLM", "olmo2": "Olmo2ForCausalLM", "olmo3": "Olmo3ForCausalLM",
           "exaone4": "Exaone4ForCausalLM", "granite": "GraniteForCausalLM", "seed_oss": "SeedOssForCausalLM",
           "phi3": "Phi3ForCausalLM", "gemma2": "Gemma2ForCausalLM", "gemma3_text": "Gemma3ForCausalLM",
           "ministral3": "Ministral3ForCausalLM", "cohere2": "Cohere2ForCausalLM",
           "mixtral": "MixtralForCausalLM", "qwen3_moe": "Qwen3MoeForCausalLM", "olmoe": "OlmoeForCausalLM",
           "granitemoe": "GraniteMoeForCausalLM", "starcoder2": "Starcoder2ForCausalLM", "glm": "GlmForCausalLM", "glm4": "Glm4ForCausalLM"}
EACH_HEAD, WHOLE = ("qwen3", "exaone4", "gemma3_text", "qwen3_moe"), ("olmo2", "olmo3", "olmoe")
EXPERTS = {"mixtral": (8, 2, True), "qwen3_moe": (128, 8, False), "olmoe": (64, 8, False), "granitemoe": (8, 2, True)}
AFTER = ("olmo2", "olmo3", "exaone4")
GEMMA, GLM = ("gemma2", "gemma3_text"), ("glm", "glm4")
CENTRED, EPSILON = ("cohere2", "starcoder2"), {"cohere2": "layer_norm_eps", "starcoder2": "norm_epsilon"}
NEIGHBOURS = GLM + ("cohere2",)


def shapes(kind, c):
    h, f, k = c["hidden_size"], c["intermediate_size"], c["head_dim"]
    q, kv = c["num_attention_heads"] * k, c["num_key_value_heads"] * k
    qkv_bias = kind == "qwen2" or c.get("attention_bias", kind in ("seed_oss",) + GLM)
    out_bias = kind not in GLM and c.get("attention_out_bias" if kind == "seed_oss" else "attention_bias", False)
    out = {"model.embed_tokens.weight": (c["vocab_size"], h), "model.norm.weight": (h,)}
    if not c["tie_word_embeddings"]:
        out["lm_head.weight"] = (c["vocab_size"], h)
    for i in range(c["num_hidden_layers"]):
        p = f"model.layers.{i}."
        maps = [("self_attn.q_proj", q, h, qkv_bias), ("self_attn.k_proj", kv, h, qkv_bias),
                ("self_attn.v_proj", kv, h, qkv_bias), ("self_attn.o_proj", h, q, out_bias),
                ("mlp.gate_proj", f, h, c.get("mlp_bias", False)), ("mlp.up_proj", f, h, c.get("mlp_bias", False)),
                ("mlp.down_proj", h, f, c.get("mlp_bias", False))]
        if kind == "starcoder2":
            biased = c.get("use_bias", True)
            maps = [(name, rows, columns, biased) for name, rows, columns, _ in maps[:4]]
            maps += [("mlp.c_fc", f, h, biased), ("mlp.c_proj", h, f, biased)]
            out[p + "input_layernorm.bias"] = out[p + "post_attention_layernorm.bias"] = out["model.norm.bias"] = (h,)
        if kind in EXPERTS:
            inner = c.get("moe_intermediate_size", f)
            del maps[4:]
            maps += [("mlp.gate", experts_of(kind, c)[0], h, False)]
            for e in range(experts_of(kind, c)[0]):
                maps += [(f"mlp.experts.{e}.gate_proj", inner, h, False), (f"mlp.experts.{e}.up_proj", inner, h, False),
                         (f"mlp.experts.{e}.down_proj", h, inner, False)]
        for name, rows, columns, bias in maps:
            out[p + name + ".weight"] = (rows, columns)
            if bias:
                out[p + name + ".bias"] = (rows,)
        if kind in EACH_HEAD:
            out[p + "self_attn.q_norm.weight"] = out[p + "self_attn.k_norm.weight"] = (k,)
        if kind in WHOLE:
            out[p + "self_attn.q_norm.weight"], out[p + "self_attn.k_norm.weight"] = (q,), (kv,)
        if kind in AFTER or kind in GEMMA:
            out[p + "post_feedforward_layernorm.weight"] = (h,)
        if kind == "glm4":
            out[p + "post_self_attn_layernorm.weight"] = out[p + "post_mlp_layernorm.weight"] = (h,)
        if kind in GEMMA:
            out[p + "pre_feedforward_layernorm.weight"] = (h,)
        if kind not in AFTER:
            out[p + "input_layernorm.weight"] = (h,)
        if kind != "cohere2":
            out[p + "post_attention_layernorm.weight"] = (h,)
    return out


def experts_of(kind, c):
    count, chosen, shares = EXPERTS[kind]
    return (c.get("num_experts", c.get("num_local_experts", count)), c.get("num_experts_per_tok", chosen),
            c.get("norm_topk_prob", shares))


MINISTRAL_ROPE = {"rope_type": "yarn", "rope_theta": 1000000.0, "factor": 16.0, "mscale": 1.0, "mscale_all_dim": 1.0,
                  "original_max_position_embeddings": 16384, "llama_4_scaling_beta": 0.1}


def rotated(c):
    rope = c.get("rope_parameters") or {}
    usual = 0.5 if c["model_type"] in GLM else 1.0
    return int(c["head_dim"] * c.get("partial_rotary_factor", rope.get("partial_rotary_factor", usual)))


def rope_of(c):
    usual = MINISTRAL_ROPE if c["model_type"] == "ministral3" else {}
    rope = c.get("rope_scaling") or c.get("rope_parameters") or usual
    return rope.get(FULL, rope)


def inverse_frequencies(c):
    rope = rope_of(c)
    theta = c["rope_theta"] or rope["rope_theta"]
    dim = rotated(c)
    plain = theta ** (-torch.arange(0, dim, 2, dtype=torch.float64) / dim)
    kind = rope.get("rope_type", rope.get("type"))
    if kind == "linear":
        return plain / rope["factor"], 1.0
    if kind == "llama3":
        original = rope["original_max_position_embeddings"]
        long_wave, short_wave = original / rope["low_freq_factor"], original / rope["high_freq_factor"]
        result = []
        for f in plain.tolist():
            wave = 2 * math.pi / f
            if wave < short_wave:
                result.append(f)
            elif wave > long_wave:
                result.append(f / rope["factor"])
            else:
                smooth = (original / wave - rope["low_freq_factor"]) / (
                    rope["high_freq_factor"] - rope["low_freq_factor"])
                result.append((1 - smooth) * f / rope["factor"] + smooth * f)
        return torch.tensor(result, dtype=torch.float64), 1.0
    if kind == "longrope":
        original = c.get("original_max_position_embeddings", rope.get("original_max_position_embeddings"))
        context = c["max_position_embeddings"]
        divisors = rope["long_factor"] if context > original else rope["short_factor"]
        factor = context / original
        magnitude = 1.0 if factor <= 1 else math.sqrt(1 + math.log(factor) / math.log(original))
        return plain / torch.tensor(divisors, dtype=torch.float64), rope.get("attention_factor", magnitude)
    if kind == "yarn":
        factor, original = rope["factor"], rope["original_max_position_embeddings"]

        def at(rotations):
            return dim * math.log(original / (rotations * 2 * math.pi)) / (2 * math.log(theta))

        low, high = at(rope.get("beta_fast", 32)), at(rope.get("beta_slow", 1))
        if rope.get("truncate", True):
            low, high = math.floor(low), math.ceil(high)
        low, high = max(low, 0), min(high, dim - 1)
        high += 0.001 if low == high else 0
        ramp = ((torch.arange(dim // 2, dtype=torch.float64) - low) / (high - low)).clamp(0, 1)

        def scale(weight):
            return 0.1 * weight * math.log(factor) + 1

        magnitude = rope.get("attention_factor")
        if magnitude is None:
            magnitude = scale(rope["mscale"]) / scale(rope["mscale_all_dim"]) if "mscale" in rope else scale(1)
        return plain / factor * ramp + plain * (1 - ramp), magnitude
    return plain, 1.0


def slides(kind, c, layer):
    """Whether a layer has a window, in the families in which all layers but every n-th have one."""
    if c.get("sliding_window", 4096) is None:
        return False
    if "layer_types" in c:
        return c["layer_types"][layer] == SLIDING
    interval = c.get("sliding_window_pattern", {"gemma2": 2, "gemma3_text": 6}.get(kind, 4))
    return (layer + 1) % (len(interval) if isinstance(interval, str) else interval) != 0


def frequencies_of_windows(kind, c):
    theta = c["rope_theta"]
    if kind == "gemma3_text":
        block = (c.get("rope_parameters") or {}).get(SLIDING, {})
        theta = block.get("rope_theta", c.get("rope_local_base_freq", 10000.0))
    dim = c["head_dim"]
    return theta ** (-torch.arange(0, dim, 2, dtype=torch.float64) / dim)


def window_of(kind, c, layer, rotates):
    if kind == "qwen3_moe":
        return c.get("sliding_window") if c.get("use_sliding_window") else None
    if kind in ("mistral", "phi3", "ministral3", "starcoder2", "mixtral"):
        return c.get("sliding_window")
    if kind in ("olmo3", "exaone4", "cohere2") + GEMMA:
        return c.get("sliding_window", 4096) if slides(kind, c, layer) else None
    if not c.get("use_sliding_window"):
        return None
    if kind == "smollm3":
        return None if rotates else c["sliding_window"]
    return c["sliding_window"] if layer >= c["max_window_layers"] else None


def logits(kind, c, w, ids):
    heads, groups, k, eps = c["num_attention_heads"], c["num_key_value_heads"], c["head_dim"], c[EPSILON.get(kind, "rms_norm_eps")]
    position = torch.arange(len(ids))
    usual = inverse_frequencies(c)
    apart = (frequencies_of_windows(kind, c), 1.0) if kind in ("olmo3", "gemma3_text") else usual
    offset = 1 if kind in GEMMA else 0
    weight = {name: value + offset if name.endswith("norm.weight") else value for name, value in w.items()}

    def norm(x, weight, eps):
        if kind in CENTRED:
            x = x - x.mean(-1, keepdim=True)
        return x / torch.sqrt((x * x).mean(-1, keepdim=True) + eps) * weight

    def linear(x, name):
        y = x @ w[name + ".weight"].T
        return y + w[name + ".bias"] if name + ".bias" in w else y

    def rotate(x, of):
        angles = position.double()[:, None] * of[0][None, :]
        if kind in NEIGHBOURS:
            n = 2 * angles.shape[-1]
            numbers = torch.view_as_complex(x[..., :n].reshape(*x.shape[:-1], -1, 2).contiguous())
            turned = torch.view_as_real(numbers * torch.polar(torch.full_like(angles, of[1]), angles)[:, None])
            return torch.cat([turned.flatten(-2), x[..., n:]], -1)
        cos, sin = torch.cat([angles.cos()] * 2, -1) * of[1], torch.cat([angles.sin()] * 2, -1) * of[1]
        n = cos.shape[-1]
        turned = torch.cat([-x[..., n // 2 : n], x[..., : n // 2]], -1)
        return torch.cat([x[..., :n] * cos[:, None] + turned * sin[:, None], x[..., n:]], -1)

    def capped(x, key, usual):
        cap = c.get(key, usual) if kind == "gemma2" else None
        return x if cap is None else cap * torch.tanh(x / cap)

    def activated(gate):
        if kind in GEMMA + ("starcoder2",):
            return 0.5 * gate * (1 + torch.tanh(math.sqrt(2 / math.pi) * (gate + 0.044715 * gate**3)))
        return gate * torch.sigmoid(gate)

    def experts(x, prefix):
        """Every expert for every row, each times its weight, most of which are 0."""
        count, chosen, shares = experts_of(kind, c)
        weights = (x @ w[prefix + "gate.weight"].T).softmax(-1)
        kept, index = weights.topk(chosen, -1)
        weights = torch.zeros_like(weights).scatter(-1, index, kept)
        if shares:
            weights = weights / weights.sum(-1, keepdim=True)
        outputs = []
        for e in range(count):
            p = f"{prefix}experts.{e}."
            outputs.append(linear(activated(linear(x, p + "gate_proj")) * linear(x, p + "up_proj"), p + "down_proj"))
        return torch.einsum("ne,enh->nh", weights, torch.stack(outputs))

    factor = k**-0.5
    if kind in ("granite", "granitemoe"):
        factor = c.get("attention_multiplier", 1.0)
    if kind in GEMMA:
        factor = c.get("query_pre_attn_scalar", 256) ** -0.5
    added = c.get("residual_multiplier", 1.0)
    x = w["model.embed_tokens.weight"][ids] * c.get("embedding_multiplier", 1.0)
    if kind in GEMMA:
        x = x * math.sqrt(c["hidden_size"])
    for i in range(c["num_hidden_layers"]):
        p = f"model.layers.{i}."
        rotates = True
        if kind == "smollm3":
            listed = c.get("no_rope_layers")
            rotates = bool(listed[i]) if listed else (i + 1) % c.get("no_rope_layer_interval", 4) != 0
        given = x if kind in AFTER else norm(x, weight[p + "input_layernorm.weight"], eps)
        if kind == "starcoder2":
            given = given + w[p + "input_layernorm.bias"]
        q, key, v = (linear(given, p + f"self_attn.{n}_proj") for n in "qkv")
        if kind in WHOLE:
            q = norm(q, weight[p + "self_attn.q_norm.weight"], eps)
            key = norm(key, weight[p + "self_attn.k_norm.weight"], eps)
        q, key, v = q.view(-1, heads, k), key.view(-1, groups, k), v.view(-1, groups, k)
        if kind in EACH_HEAD:
            q = norm(q, weight[p + "self_attn.q_norm.weight"], eps)
            key = norm(key, weight[p + "self_attn.k_norm.weight"], eps)
        window = window_of(kind, c, i, rotates)
        if kind == "cohere2" or kind == "exaone4" and c.get("sliding_window", 4096) is not None:
            rotates = window is not None
        if rotates:
            of = apart if kind in ("olmo3", "gemma3_text") and window is not None else usual
            q, key = rotate(q, of), rotate(key, of)
        if kind == "ministral3":
            rope = rope_of(c)
            turns = torch.floor(position / rope["original_max_position_embeddings"])
            q = q * (1 + rope["llama_4_scaling_beta"] * torch.log(1 + turns.double()))[:, None, None]
        key, v = key.repeat_interleave(heads // groups, 1), v.repeat_interleave(heads // groups, 1)
        scores = torch.einsum("qhd,khd->hqk", q, key) * factor
        scores = capped(scores, "attn_logit_softcapping", 50.0)
        hidden = position[None, :] > position[:, None]
        if window is not None:
            hidden = hidden | (position[:, None] - position[None, :] >= window)
        scores = scores.masked_fill(hidden[None], -math.inf)
        attended = torch.einsum("hqk,khd->qhd", scores.softmax(-1), v).reshape(len(ids), -1)
        change = linear(attended, p + "self_attn.o_proj")
        if kind in AFTER or kind in GEMMA:
            change = norm(change, weight[p + "post_attention_layernorm.weight"], eps)
        if kind == "glm4":
            change = norm(change, weight[p + "post_self_attn_layernorm.weight"], eps)
        shared = given
        x = x + change * added
        before = "pre_feedforward_layernorm" if kind in GEMMA else "post_attention_layernorm"
        if kind == "cohere2":
            given = shared
        else:
            given = x if kind in AFTER else norm(x, weight[p + before + ".weight"], eps)
        if kind == "starcoder2":
            given = given + w[p + "post_attention_layernorm.bias"]
            change = linear(activated(linear(given, p + "mlp.c_fc")), p + "mlp.c_proj")
        elif kind in EXPERTS:
            change = experts(given, p + "mlp.")
        else:
            gate = linear(given, p + "mlp.gate_proj")
            change = linear(activated(gate) * linear(given, p + "mlp.up_proj"), p + "mlp.down_proj")
        if kind in AFTER or kind in GEMMA:
            change = norm(change, weight[p + "post_feedforward_layernorm.weight"], eps)
        if kind == "glm4":
            change = norm(change, weight[p + "post_mlp_layernorm.weight"], eps)
        x = x + change * added
    head = w["model.embed_tokens.weight" if c["tie_word_embeddings"] else "lm_head.weight"]
    last = norm(x, weight["model.norm.weight"], eps)
    if kind == "starcoder2":
        last = last + w["model.norm.bias"]
    raw = last @ head.T / c.get("logits_scaling", 1.0)
    if kind == "cohere2":
        raw = raw * c.get("logit_scale", 0.0625)
    return capped(raw, "final_logit_softcapping", 30.0)


def main():
    for number, (name, (kind, changes)) in enumerate(FAMILIES.items()):
        config = {"architectures": [CLASSES[kind]], "model_type": kind, **BASE, **changes}
        if kind in GEMMA:
            del config["hidden_act"]
            config["hidden_activation"] = "gelu_pytorch_tanh"
        if kind in CENTRED:
            usual = config.pop("rms_norm_eps")
            config.setdefault(EPSILON[kind], usual)
        if kind == "starcoder2":
            config["hidden_act"] = "gelu_pytorch_tanh"
        generator = torch.Generator().manual_seed(1000 + number)
        dtype = getattr(torch, config["torch_dtype"])
        weights = {}
        for tensor, shape in shapes(kind, config).items():
            noise = torch.randn(shape, generator=generator)
            mean = 0 if kind in GEMMA else 1
            weights[tensor] = (mean + 0.3 * noise if tensor.endswith("norm.weight") else 0.35 * noise).to(dtype)
        ids = torch.randint(1, VOCABULARY, (LENGTH,), generator=generator)
        wide = {tensor: value.double() for tensor, value in weights.items()}
        scores = logits(kind, config, wide, ids)
        logprobs = scores.log_softmax(-1)[:-1].gather(1, ids[1:, None])[:, 0]
        folder = OUT / name
        folder.mkdir(parents=True, exist_ok=True)
        written = {key: value for key, value in config.items() if value is not None or key != "rope_theta"}
        (folder / "config.json").write_text(json.dumps(written, indent=2) + "\n")
        expected = {"ids": ids.tolist(), "logprobs": [round(x, 9) for x in logprobs.tolist()],
                    "last_logits": [round(x, 9) for x in scores[-1].tolist()]}
        (folder / "expected.json").write_text(json.dumps(expected) + "\n")
        if kind in ("mixtral", "granitemoe"):
            weights = renamed(weights, kind)
        write(folder, fused(weights, kind) if kind in ("phi3",) + GLM else weights, sharded=name == "qwen2")


def renamed(weights, kind):
    """The tensors as Hugging Face's classes of Mixtral and Granite with experts store them."""
    out, stacks = {}, {}
    for name, value in weights.items():
        layer, _, rest = name.partition("mlp.")
        if not rest:
            out[name] = value
        elif rest == "gate.weight":
            out[layer + "block_sparse_moe." + ("gate" if kind == "mixtral" else "router.layer") + ".weight"] = value
        elif kind == "mixtral":
            _, expert, part, _ = rest.split(".")
            number = {"gate_proj": 1, "down_proj": 2, "up_proj": 3}[part]
            out[f"{layer}block_sparse_moe.experts.{expert}.w{number}.weight"] = value
        else:
            _, expert, part, _ = rest.split(".")
            stacks.setdefault((layer, part), []).append(value)
    for layer in {layer for layer, _ in stacks}:
        gate, up = torch.stack(stacks[layer, "gate_proj"]), torch.stack(stacks[layer, "up_proj"])
        out[layer + "block_sparse_moe.input_linear.weight"] = torch.cat([gate, up], 1)
        out[layer + "block_sparse_moe.output_linear.weight"] = torch.stack(stacks[layer, "down_proj"])
    return out


def fused(weights, kind):
    """The tensors as Hugging Face's classes of Phi 3 and GLM 4 store them."""
    whole = {"self_attn.qkv_proj": ["self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"],
             "mlp.gate_up_proj": ["mlp.gate_proj", "mlp.up_proj"]}
    if kind in GLM:
        del whole["self_attn.qkv_proj"]
    parts = {part: name for name, several in whole.items() for part in several}
    out = {}
    for name, value in weights.items():
        stem = ".".join(name.split(".")[3:-1])
        if stem in parts:
            name = name.replace(stem, parts[stem])
            value = torch.cat([out[name], value]) if name in out else value
        out[name] = value
    return out


def write(folder, weights, sharded):
    if not sharded:
        save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
        return
    names = sorted(weights)
    shards = [names[: len(names) // 2], names[len(names) // 2:]]
    index = {"metadata": {"total_size": sum(w.nbytes for w in weights.values())}, "weight_map": {}}
    for number, part in enumerate(shards):
        file = f"model-{number + 1:05d}-of-{len(shards):05d}.safetensors"
        save_file({key: weights[key] for key in part}, folder / file, metadata={"format": "pt"})
        index["weight_map"].update({key: file for key in part})
    (folder / "model.safetensors.index.json").write_text(json.dumps(index, indent=2) + "\n")


if __name__ == "__main__":
    main()
