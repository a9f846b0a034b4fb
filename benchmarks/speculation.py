"""What would self-speculation gain? The first pass drafts tokens, full depth verifies them in one batch.

    ./saiki serve --model MODEL --port 18080 &
    python3 benchmarks/speculation.py MODEL 18080

Greedy texts at full depth are scored at one pass: a draft is accepted while the two depths' tokens agree. Times are medians of
`saiki bench decode`: a draft is a step of one sequence at one pass, and verifying n rows costs what a step of n sequences at
full depth costs, less the first pass, which the draft has computed. Prints a line for each number of drafted tokens with
the mean number of tokens a round, and the speed over that without drafts. The bound with free verification follows from the
two times of one row.
"""

import json
import subprocess
import sys
import urllib.request
from pathlib import Path

model, port = sys.argv[1], sys.argv[2]
saiki = Path(__file__).resolve().parent.parent / "saiki"
OPENINGS = [
    "Once upon a time", "One day, a girl", "Tom had a big dog", "The sun was", "Lily and Ben", "There was a little bird",
    "A man went to the", "Mom said", "The cat saw", "In the forest", "Sam liked to", "It was a cold day",
]  # fmt: skip
MOST = 6


def ask(body: dict) -> dict:
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/v1/completions",
        json.dumps({"model": name, "temperature": 0, **body}).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)["choices"][0]


def agreements() -> list[list[bool]]:
    """For each text, whether one pass chooses the token that full depth chose."""
    texts = []
    for opening in OPENINGS:
        written = ask({"prompt": opening, "max_tokens": 200, "effort": 1, "return_token_ids": True})
        ids = written["prompt_token_ids"] + written["token_ids"]
        scored = ask({"prompt": ids, "max_tokens": 0, "effort": 0, "echo": True, "logprobs": 1})["logprobs"]
        first = len(written["prompt_token_ids"])
        best = [max(top, key=top.get) for top in scored["top_logprobs"][first:]]
        texts.append([one == other for one, other in zip(best, scored["tokens"][first:], strict=True)])
    return texts


def tokens_per_round(texts: list[list[bool]], drafted: int) -> float:
    """Accepted drafts, and the token that verification yields at the first disagreement or after the last draft."""
    tokens = rounds = 0
    for text in texts:
        at = 0
        while at < len(text):
            accepted = 0
            while accepted < drafted and at + accepted < len(text) and text[at + accepted]:
                accepted += 1
            tokens += min(accepted + 1, len(text) - at)
            rounds += 1
            at += accepted + 1
    return tokens / rounds


def step_ms(shares: str, sequences: int) -> float:
    """The least median of three processes."""
    return min(median_ms(shares, sequences) for _ in range(3))


def median_ms(shares: str, sequences: int) -> float:
    command = [saiki, "bench", "decode", "--model", model, "--threads", "2", "--rounds", "9", "--json", "--sequences",
               str(sequences), "--prompt-tokens", "64", "--tokens", "192", "--depth-shares", shares]  # fmt: skip
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    return 1000 * sequences / json.loads(lines[-1])["steady_tokens_per_second"]["median"]


with urllib.request.urlopen(f"http://127.0.0.1:{port}/v1/models") as models:
    name = json.load(models)["data"][0]["id"]
texts = agreements()
share = sum(map(sum, texts)) / sum(map(len, texts))
passes = json.loads((Path(model) / "config.json").read_text())["recursion"]["num_recursions"]
shallow = ",".join(["1"] + ["0"] * (passes - 1))
full = ",".join(["0"] * (passes - 1) + ["1"])
draft = step_ms(shallow, 1)
one = step_ms(full, 1)
print(f"{sum(map(len, texts))} tokens, {share:.3f} agree; a step takes {draft:.2f} ms at one pass, {one:.2f} at full depth")
print(f"bound with all drafts accepted and free verification: {one / draft:.2f}")
for drafted in range(1, MOST + 1):
    rows = drafted + 1
    verified = step_ms(full, rows) - step_ms(shallow, rows)
    tokens = tokens_per_round(texts, drafted)
    speed = tokens * one / (rows * draft + verified)
    print(f"{drafted} drafted: {tokens:.2f} tokens a round, verification {verified:.2f} ms, speed {speed:.2f}")
