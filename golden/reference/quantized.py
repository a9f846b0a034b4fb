"""Small models quantized by GPTQ, AWQ and FP8, and the weights that PyTorch computes from them.

Writes golden/quantized/NAME/: config.json and model.safetensors as the tools leave them, and expected.safetensors
with the dequantized matrices, computed from the integers before these are packed.

    /usr/bin/python3 golden/reference/quantized.py
"""

import json
import pathlib

import torch
from safetensors.torch import save_file

OUT = pathlib.Path(__file__).resolve().parent.parent / "quantized"
SMALL = {"hidden_size": 64, "intermediate_size": 32, "num_attention_heads": 2, "num_key_value_heads": 1, "head_dim": 32}
WIDE = {"hidden_size": 132, "intermediate_size": 130, "num_attention_heads": 1, "num_key_value_heads": 1, "head_dim": 2}
REST = {
    "architectures": ["LlamaForCausalLM"], "model_type": "llama", "num_hidden_layers": 1, "vocab_size": 16,
    "max_position_embeddings": 32, "rms_norm_eps": 1e-6, "rope_theta": 10000.0, "hidden_act": "silu",
    "tie_word_embeddings": False, "bos_token_id": None, "eos_token_id": 0,
}
MODELS = {
    "gptq": (SMALL, torch.float16, {"quant_method": "gptq", "bits": 4, "group_size": 32, "desc_act": False, "sym": True,
             "damp_percent": 0.1, "true_sequential": True}),
    "gptq_order": (SMALL, torch.bfloat16, {"quant_method": "gptq", "bits": 4, "group_size": 24, "desc_act": True,
                   "sym": False, "checkpoint_format": "gptq_v2", "lm_head": True}),
    "gptq_column": (SMALL, torch.float16, {"quant_method": "gptq", "bits": 4, "group_size": -1, "desc_act": False,
                    "sym": False, "checkpoint_format": "gptq"}),
    "awq": (SMALL, torch.float16, {"quant_method": "awq", "bits": 4, "group_size": 32, "version": "gemm",
            "zero_point": True, "modules_to_not_convert": None}),
    "awq_column": (SMALL, torch.float16, {"quant_method": "awq", "bits": 4, "group_size": -1, "zero_point": True}),
    "fp8": (WIDE, torch.bfloat16, {"quant_method": "fp8", "activation_scheme": "dynamic", "fmt": "e4m3",
            "weight_block_size": [128, 128]}),
    "fp8_float": (SMALL, torch.float32, {"quant_method": "fp8", "weight_block_size": [48, 16]}),
}


def maps(c):
    h, f, q, kv = (c["hidden_size"], c["intermediate_size"], c["num_attention_heads"] * c["head_dim"],
                   c["num_key_value_heads"] * c["head_dim"])
    return {"self_attn.q_proj": (q, h), "self_attn.k_proj": (kv, h), "self_attn.v_proj": (kv, h),
            "self_attn.o_proj": (h, q), "mlp.gate_proj": (f, h), "mlp.up_proj": (f, h), "mlp.down_proj": (h, f)}


def words(numbers, dimension, order=range(8)):
    """Eight neighbours along a dimension in one word of 32 bits, in an order that starts at the lowest four bits."""
    parts = numbers.to(torch.int64).unflatten(dimension, (-1, 8)).movedim(dimension + 1, 0)
    word = sum(parts[of] << (4 * place) for place, of in enumerate(order))
    return (word - (word >> 31 << 32)).to(torch.int32).contiguous()


def packed(name, settings, dtype, outputs, inputs, tensors, draw):
    """Inputs by rows: scale of the group * (integer - zero of the group)."""
    size = inputs if settings["group_size"] == -1 else settings["group_size"]
    groups = -(-inputs // size)
    group = torch.arange(inputs) // size
    if settings.get("desc_act"):
        group = group[torch.randperm(inputs, generator=draw)]
    integers = torch.randint(0, 16, (inputs, outputs), generator=draw)
    zeros = torch.randint(1, 16, (groups, outputs), generator=draw)
    if settings.get("sym"):
        zeros = torch.full_like(zeros, 8)
    scales = (torch.rand(groups, outputs, generator=draw) * 0.02 + 0.001).to(dtype)
    if settings["quant_method"] == "awq":
        order = (0, 2, 4, 6, 1, 3, 5, 7)
        tensors[name + ".qweight"] = words(integers, 1, order)
        tensors[name + ".qzeros"] = words(zeros, 1, order)
    else:
        tensors[name + ".qweight"] = words(integers, 0)
        second = settings.get("checkpoint_format") == "gptq_v2"
        tensors[name + ".qzeros"] = words(zeros if second else zeros - 1, 1)
        if settings["group_size"] != -1:
            tensors[name + ".g_idx"] = group.to(torch.int32)
    tensors[name + ".scales"] = scales
    return (scales[group] * (integers - zeros[group]).to(dtype)).T.contiguous()


def scaled(name, settings, dtype, outputs, inputs, tensors, draw):
    """The float of eight bits * the scale of its block; all floats but the two that are no number occur."""
    rows, columns = settings["weight_block_size"]
    magnitudes = torch.randint(0, 127, (outputs, inputs), generator=draw)
    signs = torch.randint(0, 2, (outputs, inputs), generator=draw)
    floats = (magnitudes + 128 * signs).to(torch.uint8).view(torch.float8_e4m3fn)
    scales = (torch.rand(-(-outputs // rows), -(-inputs // columns), generator=draw) * 0.01 + 0.0001).to(dtype)
    tensors[name + ".weight"] = floats
    tensors[name + ".weight_scale_inv"] = scales
    of_each = scales.repeat_interleave(rows, 0)[:outputs].repeat_interleave(columns, 1)[:, :inputs]
    return (floats.to(dtype) * of_each).contiguous()


def write(name, sizes, dtype, settings, draw):
    config = dict(REST, **sizes, torch_dtype=str(dtype).split(".")[1], quantization_config=settings)
    quantized = scaled if settings["quant_method"] == "fp8" else packed
    hidden, vocabulary = sizes["hidden_size"], REST["vocab_size"]
    tensors, expected = {}, {}
    for tensor in ("model.norm", "model.layers.0.input_layernorm", "model.layers.0.post_attention_layernorm"):
        tensors[tensor + ".weight"] = torch.rand(hidden, generator=draw).to(dtype)
    tensors["model.embed_tokens.weight"] = torch.randn(vocabulary, hidden, generator=draw).to(dtype)
    matrices = {"model.layers.0." + of: shape for of, shape in maps(sizes).items()}
    if settings.get("lm_head"):
        matrices["lm_head"] = (vocabulary, hidden)
    else:
        tensors["lm_head.weight"] = torch.randn(vocabulary, hidden, generator=draw).to(dtype)
    for matrix, (outputs, inputs) in matrices.items():
        expected[matrix + ".weight"] = quantized(matrix, settings, dtype, outputs, inputs, tensors, draw)
    folder = OUT / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    save_file(tensors, str(folder / "model.safetensors"), {"format": "pt"})
    save_file(expected, str(folder / "expected.safetensors"), {"format": "pt"})


if __name__ == "__main__":
    for seed, (name, model) in enumerate(MODELS.items()):
        write(name, *model, torch.Generator().manual_seed(seed))
