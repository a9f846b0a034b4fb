"""Writes golden values of quantized blocks: random bytes of each type, and what llama.cpp widens them to.

    python3 make_blocks.py FOLDER OUT

FOLDER holds node-llama-cpp's libraries; OUT gets, for each type, blocks.TYPE (raw) and floats.TYPE (little-endian float32).
"""

import ctypes
import glob
import os
import sys

import numpy as np

BLOCK = {
    "q8_0": (32, 34),
    "q4_0": (32, 18),
    "q4_K": (256, 144),
    "q5_K": (256, 176),
    "q6_K": (256, 210),
    "q4_1": (32, 20),
    "q5_0": (32, 22),
    "q5_1": (32, 24),
}
HALVES = {
    "q8_0": [0],
    "q4_0": [0],
    "q4_K": [0, 2],
    "q5_K": [0, 2],
    "q6_K": [208],
    "q4_1": [0, 2],
    "q5_0": [0],
    "q5_1": [0, 2],
}


def main() -> None:
    library = ctypes.CDLL(glob.glob(os.path.join(sys.argv[1], "libggml-base.so"))[0])
    random = np.random.default_rng(18)
    for name, (size, width) in BLOCK.items():
        count = 4096 // size
        blocks = random.integers(0, 256, (count, width), dtype=np.uint8)
        for at in HALVES[name]:
            halves = (random.standard_normal(count) * 0.01).astype(np.float16)
            blocks[:, at : at + 2] = halves.view(np.uint8).reshape(count, 2)
        raw = np.ascontiguousarray(blocks)
        wide = np.zeros(count * size, dtype=np.float32)
        function = getattr(library, "dequantize_row_" + name)
        function.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64]
        function(raw.ctypes.data, wide.ctypes.data, wide.size)
        raw.tofile(os.path.join(sys.argv[2], "blocks." + name))
        wide.astype("<f4").tofile(os.path.join(sys.argv[2], "floats." + name))


main()
