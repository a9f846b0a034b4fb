"""Writes python.safetensors with the reference implementation.

Needs Debian's python3-safetensors and python3-torch. Run in this folder: python3 generate_safetensors.py
"""

import torch
from safetensors.torch import save_file

ramp = torch.arange(12, dtype=torch.float32).reshape(3, 4) / 8 - 0.5
save_file(
    {
        "wide": ramp,
        "brain": torch.tensor([1.0, -2.5, 3.140625, float("inf"), 1e-40]).to(torch.bfloat16),
        "half": torch.tensor([[0.5, -65504.0, 6e-8]], dtype=torch.float16),
        "double": torch.tensor([1 / 3], dtype=torch.float64),
        "counts": torch.tensor([1, -(2**62)], dtype=torch.int64),
        "bytes": torch.tensor([0, 7, 255], dtype=torch.uint8),
        "flags": torch.tensor([True, False]),
        "scalar": torch.tensor(4.25),
        "empty": torch.zeros(0, 5),
        "Umlaut \u00e4 \u518d\u5e30": torch.tensor([1.5]),
    },
    "python.safetensors",
    metadata={"format": "pt"},
)
