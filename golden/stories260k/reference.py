#!/usr/bin/python3
"""Writes reference files of stories260K, as `saiki verify` reads them: what PyTorch computes in float64.

Usage: reference.py FOLDER

The folder holds stories260K.bin and tok512.bin, as llama2.c's author has published them.
`reference.jsonl` has the logits of two texts, `reference-top.jsonl` the likeliest tokens of more. Tokens are llama2.c's:
characters, or bytes where there is no piece, then the pair of the best score is merged until none is a piece.
"""

import json
import struct
import sys
from pathlib import Path

import torch

from convert import BOS, convert

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "reference"))
from model import Model  # noqa: E402  (the reference lives in a sibling folder)

FIRST_BYTE = 3
GREEDY = 16
TOP = 8
LOGITS = ["Once upon a time", "3 + 4 = 7"]
TOPS = LOGITS + [
  "There was a big dog named Max. He liked to",
  "Die Straßen waren naß",
  "日本の猫 🙂",
  "int f(int a) {\n\treturn a + 1;\n}",
]


def read_pieces(content: bytes) -> list[tuple[bytes, float]]:
  pieces, offset = [], 4
  while offset < len(content):
    score, length = struct.unpack_from("<fi", content, offset)
    pieces.append((content[offset + 8 : offset + 8 + length], score))
    offset += 8 + length
  return pieces


def encode(text: str, pieces: list[tuple[bytes, float]]) -> list[int]:
  known = {piece: number for number, (piece, _) in reversed(list(enumerate(pieces)))}
  ids = []
  for character in " " + text:
    code = character.encode()
    ids += [known[code]] if code in known else [FIRST_BYTE + byte for byte in code]
  while True:
    pairs = [known.get(pieces[a][0] + pieces[b][0]) for a, b in zip(ids, ids[1:])]
    merged = [(pieces[number][1], -place) for place, number in enumerate(pairs) if number is not None]
    if not merged:
      return [BOS] + ids
    place = -max(merged)[1]
    ids[place : place + 2] = [pairs[place]]


def rounded(number: float) -> float:
  return float(f"{number:.7g}")


def compute(model: Model, ids: list[int]) -> tuple[list[int], torch.Tensor]:
  """What is written greedily, and the logits after every token."""
  whole = list(ids)
  for _ in range(GREEDY):
    whole.append(int(model.evaluate(torch.tensor([whole])).logits[0, -1].argmax()))
  return whole[len(ids) :], model.evaluate(torch.tensor([whole])).logits[0]


def main() -> int:
  folder = Path(sys.argv[1])
  torch.set_num_threads(1)
  config, weights = convert((folder / "stories260K.bin").read_bytes())
  model = Model(config, {name: weight.double() for name, weight in weights.items()})
  pieces = read_pieces((folder / "tok512.bin").read_bytes())
  head = {"format": "saiki-reference", "version": 1, "tool": f"PyTorch {torch.__version__}", "model": "stories260K"}
  for name, texts in (("reference.jsonl", LOGITS), ("reference-top.jsonl", TOPS)):
    lines = [head]
    for text in texts:
      ids = encode(text, pieces)
      greedy, logits = compute(model, ids)
      line = {"text": text, "ids": ids, "greedy": greedy}
      if texts is LOGITS:
        line["logits"] = [[rounded(number) for number in row.tolist()] for row in logits]
      else:
        values, tokens = logits.log_softmax(-1).topk(TOP)
        line["logprobs"] = [
          {str(token): rounded(value) for token, value in zip(row, numbers)}
          for row, numbers in zip(tokens.tolist(), values.tolist())
        ]
      lines.append(line)
    (Path(__file__).parent / name).write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines))
  return 0


if __name__ == "__main__":
  sys.exit(main())
