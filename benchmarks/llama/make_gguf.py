"""Writes a GGUF file of a shape with random weights, for llama.cpp to be timed with.

    python3 make_gguf.py GGUF_PY SHAPE TYPE OUT

GGUF_PY is the gguf-py folder of llama.cpp's source, SHAPE one of those below, TYPE bf16, q8_0 or q4_0. With
q4_0, the embedding, which is also the head, has Q8_0, as in files of llama-quantize where a row is no multiple of 256.
"""

import sys

sys.path.insert(0, sys.argv[1])
import gguf  # noqa: E402
import numpy as np  # noqa: E402

SHAPES = {
    # hidden, layers, heads, key-value heads, inner, vocabulary, context
    "360m": (960, 32, 15, 5, 2560, 49152, 32768),
    "135m": (576, 30, 9, 3, 1536, 49152, 2048),
    "1b": (2048, 16, 32, 8, 8192, 128256, 8192),
    "360m-34": (960, 34, 15, 5, 2560, 49152, 2048),
    "experts": (1024, 16, 16, 4, 288, 32768, 8192),
    "small": (256, 8, 4, 4, 704, 4096, 256),
}
EXPERTS = {"experts": (64, 8)}  # in each layer, and of those for each token
HEAD_DIM = 64


def add_tokenizer(writer: gguf.GGUFWriter, vocabulary: int) -> None:
    """Adds a tokenizer that reads text byte by byte; with Llama 3's vocabulary, its special tokens, which Llama3.java needs."""
    if vocabulary != 128256:
        writer.add_tokenizer_model("none")
        return
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in printable]
    tokens = [chr(byte) for byte in printable] + [chr(256 + i) for i in range(len(others))]
    tokens += [2 * tokens[0]] + [f"unused{i}" for i in range(len(tokens) + 1, 128000)]
    special = ["<|begin_of_text|>", "<|end_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"]
    special += [f"<|reserved_special_token_{i}|>" for i in range(vocabulary - 128000 - len(special))]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("llama-bpe")
    writer.add_token_list(tokens + special)
    writer.add_token_types([1] * len(tokens) + [3] * len(special))
    writer.add_token_merges([f"{tokens[0]} {tokens[0]}"])
    writer.add_bos_token_id(128000)
    writer.add_eos_token_id(128001)


def main() -> None:
    hidden, layers, heads, groups, inner, vocabulary, context = SHAPES[sys.argv[2]]
    types = gguf.GGMLQuantizationType
    quantization = {"bf16": types.BF16, "q8_0": types.Q8_0, "q4_0": types.Q4_0}[sys.argv[3]]
    of_head = types.Q8_0 if quantization == types.Q4_0 else quantization
    writer = gguf.GGUFWriter(sys.argv[4], "llama")
    writer.add_context_length(context)
    writer.add_embedding_length(hidden)
    writer.add_block_count(layers)
    writer.add_feed_forward_length(inner)
    writer.add_head_count(heads)
    writer.add_head_count_kv(groups)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_freq_base(10000)
    writer.add_rope_dimension_count(HEAD_DIM)
    writer.add_vocab_size(vocabulary)
    add_tokenizer(writer, vocabulary)
    experts, chosen = ((), 0) if sys.argv[2] not in EXPERTS else ((EXPERTS[sys.argv[2]][0],), EXPERTS[sys.argv[2]][1])
    if experts:
        writer.add_expert_count(experts[0])
        writer.add_expert_used_count(chosen)

    random = np.random.default_rng(0)

    def matrix(name: str, *shape: int, quantization=quantization) -> None:
        values = (random.standard_normal(shape, dtype=np.float32) * 0.02).astype(np.float32)
        writer.add_tensor(name, gguf.quants.quantize(values, quantization), raw_dtype=quantization)

    def norm(name: str) -> None:
        writer.add_tensor(name, np.ones(hidden, dtype=np.float32))

    matrix("token_embd.weight", vocabulary, hidden, quantization=of_head)
    norm("output_norm.weight")
    for layer in range(layers):
        prefix = f"blk.{layer}."
        norm(prefix + "attn_norm.weight")
        matrix(prefix + "attn_q.weight", heads * HEAD_DIM, hidden)
        matrix(prefix + "attn_k.weight", groups * HEAD_DIM, hidden)
        matrix(prefix + "attn_v.weight", groups * HEAD_DIM, hidden)
        matrix(prefix + "attn_output.weight", hidden, heads * HEAD_DIM)
        norm(prefix + "ffn_norm.weight")
        suffix = "_exps.weight" if experts else ".weight"
        if experts:
            matrix(prefix + "ffn_gate_inp.weight", *experts, hidden, quantization=types.F32)
        matrix(prefix + "ffn_gate" + suffix, *experts, inner, hidden)
        matrix(prefix + "ffn_up" + suffix, *experts, inner, hidden)
        matrix(prefix + "ffn_down" + suffix, *experts, hidden, inner)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


main()
