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
}
CLASSES = {"llama": "LlamaForCausalLM", "mistral": "MistralForCausalLM", "qwen2": "Qwen2ForCausalLM",
           "qwen3": "Qwen3ForCausalLM", "smollm3": "SmolLM3ForCausalLM", "olmo2": "Olmo2ForCausalLM"}


def shapes(kind, c):
    h, f, k = c["hidden_size"], c["intermediate_size"], c["head_dim"]
    q, kv = c["num_attention_heads"] * k, c["num_key_value_heads"] * k
    qkv_bias = kind == "qwen2" or c.get("attention_bias", False)
    out = {"model.embed_tokens.weight": (c["vocab_size"], h), "model.norm.weight": (h,)}
    if not c["tie_word_embeddings"]:
        out["lm_head.weight"] = (c["vocab_size"], h)
    for i in range(c["num_hidden_layers"]):
        p = f"model.layers.{i}."
        maps = [("self_attn.q_proj", q, h, qkv_bias), ("self_attn.k_proj", kv, h, qkv_bias),
                ("self_attn.v_proj", kv, h, qkv_bias), ("self_attn.o_proj", h, q, c.get("attention_bias", False)),
                ("mlp.gate_proj", f, h, c.get("mlp_bias", False)), ("mlp.up_proj", f, h, c.get("mlp_bias", False)),
                ("mlp.down_proj", h, f, c.get("mlp_bias", False))]
        for name, rows, columns, bias in maps:
            out[p + name + ".weight"] = (rows, columns)
            if bias:
                out[p + name + ".bias"] = (rows,)
        if kind == "qwen3":
            out[p + "self_attn.q_norm.weight"] = out[p + "self_attn.k_norm.weight"] = (k,)
        if kind == "olmo2":
            out[p + "self_attn.q_norm.weight"], out[p + "self_attn.k_norm.weight"] = (q,), (kv,)
            out[p + "post_feedforward_layernorm.weight"] = (h,)
        else:
            out[p + "input_layernorm.weight"] = (h,)
        out[p + "post_attention_layernorm.weight"] = (h,)
    return out


def inverse_frequencies(c):
    rope = c.get("rope_scaling") or c.get("rope_parameters") or {}
    theta = c["rope_theta"] or rope["rope_theta"]
    dim = c["head_dim"]
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


def norm(x, weight, eps):
    return x / torch.sqrt((x * x).mean(-1, keepdim=True) + eps) * weight


def window_of(kind, c, layer, rotates):
    if kind == "mistral":
        return c["sliding_window"]
    if not c.get("use_sliding_window"):
        return None
    if kind == "smollm3":
        return None if rotates else c["sliding_window"]
    return c["sliding_window"] if layer >= c["max_window_layers"] else None


def logits(kind, c, w, ids):
    heads, groups, k, eps = c["num_attention_heads"], c["num_key_value_heads"], c["head_dim"], c["rms_norm_eps"]
    frequencies, magnitude = inverse_frequencies(c)
    angles = torch.arange(len(ids), dtype=torch.float64)[:, None] * frequencies[None, :]
    cos, sin = torch.cat([angles.cos()] * 2, -1) * magnitude, torch.cat([angles.sin()] * 2, -1) * magnitude
    position = torch.arange(len(ids))

    def linear(x, name):
        y = x @ w[name + ".weight"].T
        return y + w[name + ".bias"] if name + ".bias" in w else y

    def rotate(x):
        turned = torch.cat([-x[..., k // 2:], x[..., : k // 2]], -1)
        return x * cos[:, None] + turned * sin[:, None]

    x = w["model.embed_tokens.weight"][ids]
    for i in range(c["num_hidden_layers"]):
        p = f"model.layers.{i}."
        rotates = True
        if kind == "smollm3":
            listed = c.get("no_rope_layers")
            rotates = bool(listed[i]) if listed else (i + 1) % c.get("no_rope_layer_interval", 4) != 0
        given = x if kind == "olmo2" else norm(x, w[p + "input_layernorm.weight"], eps)
        q, key, v = (linear(given, p + f"self_attn.{n}_proj") for n in "qkv")
        if kind == "olmo2":
            q = norm(q, w[p + "self_attn.q_norm.weight"], eps)
            key = norm(key, w[p + "self_attn.k_norm.weight"], eps)
        q, key, v = q.view(-1, heads, k), key.view(-1, groups, k), v.view(-1, groups, k)
        if kind == "qwen3":
            q = norm(q, w[p + "self_attn.q_norm.weight"], eps)
            key = norm(key, w[p + "self_attn.k_norm.weight"], eps)
        if rotates:
            q, key = rotate(q), rotate(key)
        key, v = key.repeat_interleave(heads // groups, 1), v.repeat_interleave(heads // groups, 1)
        scores = torch.einsum("qhd,khd->hqk", q, key) / math.sqrt(k)
        hidden = position[None, :] > position[:, None]
        window = window_of(kind, c, i, rotates)
        if window is not None:
            hidden = hidden | (position[:, None] - position[None, :] >= window)
        scores = scores.masked_fill(hidden[None], -math.inf)
        attended = torch.einsum("hqk,khd->qhd", scores.softmax(-1), v).reshape(len(ids), -1)
        change = linear(attended, p + "self_attn.o_proj")
        if kind == "olmo2":
            change = norm(change, w[p + "post_attention_layernorm.weight"], eps)
        x = x + change
        given = x if kind == "olmo2" else norm(x, w[p + "post_attention_layernorm.weight"], eps)
        gate = linear(given, p + "mlp.gate_proj")
        change = linear(gate * torch.sigmoid(gate) * linear(given, p + "mlp.up_proj"), p + "mlp.down_proj")
        if kind == "olmo2":
            change = norm(change, w[p + "post_feedforward_layernorm.weight"], eps)
        x = x + change
    head = w["model.embed_tokens.weight" if c["tie_word_embeddings"] else "lm_head.weight"]
    return norm(x, w["model.norm.weight"], eps) @ head.T


def main():
    for number, (name, (kind, changes)) in enumerate(FAMILIES.items()):
        config = {"architectures": [CLASSES[kind]], "model_type": kind, **BASE, **changes}
        generator = torch.Generator().manual_seed(1000 + number)
        dtype = getattr(torch, config["torch_dtype"])
        weights = {}
        for tensor, shape in shapes(kind, config).items():
            noise = torch.randn(shape, generator=generator)
            weights[tensor] = (1 + 0.3 * noise if tensor.endswith("norm.weight") else 0.35 * noise).to(dtype)
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
        write(folder, weights, sharded=name == "qwen2")


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
