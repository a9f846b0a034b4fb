#!/usr/bin/env bash
# Training speed of one process with two workers, and of two processes with one worker each, on the small shape and the
# built-in corpus, one after another on this machine. Prints one JSON line per run: median tokens per second, and the bytes
# that ranks sent over loopback per step beside the bytes that docs/scale.md predicts. Nothing else should run meanwhile.
#
#   ./saiki --version
#   benchmarks/processes.sh OUT 20                                               # a folder, and steps
#   benchmarks/processes.sh OUT 20 batch.sequences=16 batch.micro_batch_sequences=2  # settings of the recipe, for all runs
#
# Bytes are counted on loopback in a network namespace of the run's own, which only root can create; without it they are
# null.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
# shellcheck source=../scripts/prepare-corpus.sh
. "$root/scripts/prepare-corpus.sh"
out=${1:?the folder of the runs}
steps=${2:-20}
settings=("${@:3}")

prepare_corpus "$root" "$out" 4096

# Trains, and prints the bytes sent over loopback meanwhile.
measure() { # folder arguments...
  local run=$1
  shift
  local train=("$root/saiki" train --recipe small-mor3-expert --out "$run"
    --set data.dataset="$out/data" --set schedule.steps="$steps" "${settings[@]/#/--set=}"
    --set metrics.validate_every=0 --set metrics.validation_sequences=2 --set checkpoint.every_steps=100000
    --set checkpoint.every_minutes=0 "$@")
  if unshare --net true 2>/dev/null; then
    unshare --net bash -c 'ip link set lo up && "$@" >&2 && awk -F"[: ]+" "/lo:/ { print \$3 }" /proc/net/dev' _ "${train[@]}"
  else
    "${train[@]}" >&2 && echo null
  fi
}

report() { # name ranks order folder bytes
  python3 - "$1" "$2" "$3" "$4" "$steps" "$5" <<'PYTHON'
import json, math, re, statistics, struct, sys
name, ranks, order, run, steps, sent = sys.argv[1:]
ranks, steps = int(ranks), int(steps)
speeds = [json.loads(line)["throughput/tokens_per_second"] for line in open(run + "/metrics.jsonl")]
recipe = open(run + "/recipe.resolved.yaml").read()
sequences, at_once = (int(re.search(r"^  %s: (\d+)" % key, recipe, re.M)[1]) for key in ("sequences", "micro_batch_sequences"))
sent_sets = math.ceil(sequences / at_once / ranks) + 1 if order == "fixed" else 2
with open(run + "/last/model.safetensors", "rb") as file:
    header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
count = sum(math.prod(t["shape"]) for key, t in header.items() if key != "__metadata__")
one = 4 * count * (ranks - 1)  # Of all ranks together.
print(json.dumps({
    "run": name,
    "median_tokens_per_second": round(statistics.median(speeds[2:])),
    "bytes_a_step": None if sent == "null" else round(int(sent) / steps),
    "gradient_bytes_a_step": sent_sets * one,
}), flush=True)
PYTHON
}

bytes=$(measure "$out/one" --set parallelism.workers=2)
report "1 process, 2 workers" 1 fixed "$out/one" "$bytes"
bytes=$(measure "$out/two" --set parallelism.workers=1 --processes 2)
report "2 processes, 1 worker" 2 fixed "$out/two" "$bytes"
bytes=$(measure "$out/two-any-order" --set parallelism.workers=1 --set parallelism.fixed_order=false --processes 2)
report "2 processes, 1 worker, any order" 2 any "$out/two-any-order" "$bytes"
