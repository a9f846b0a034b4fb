#!/usr/bin/env bash
# Trains small recipes at equal forward FLOPs on the built-in corpus, every combination of family, learning rate and seed,
# one run after another. Prints one JSON line per run with its held-out figures, all with causal routing. Finished runs are
# kept; a killed run continues where it stopped.
#
#   ./saiki --version
#   benchmarks/learning.sh OUT 1e13 "0" "5e-4 1e-3 2e-3" vanilla recursive2 mor2-expert    # a sweep
#   benchmarks/learning.sh OUT 3e13 "0 1" "1e-3" vanilla recursive2 mor2-expert            # two seeds at one rate
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
# shellcheck source=../scripts/prepare-corpus.sh
. "$root/scripts/prepare-corpus.sh"
out=${1:?the folder of the runs}
budget=${2:?forward FLOPs of a run}
seeds=${3:?seeds, in quotes}
rates=${4:?learning rates, in quotes}
families=("${@:5}")

prepare_corpus "$root" "$out" 4096

for seed in $seeds; do
  for family in "${families[@]}"; do
    for rate in $rates; do
      run="$out/$family-$budget-$rate-$seed"
      if [ ! -f "$run/done" ]; then
        "$root/saiki" train --recipe "small-$family" --resume-if-any --out "$run" \
          --set data.dataset="$out/data" --set data.seed="$seed" \
          --set optimizer.learning_rate="$rate" --set schedule.forward_flops="$budget" \
          --set batch.sequences=2 --set batch.micro_batch_sequences=1 \
          --set metrics.validate_every=0 --set metrics.validation_sequences=256 --set checkpoint.every_steps=1000 \
          >"$run.log" 2>&1
        touch "$run/done"
      fi
      python3 - "$family" "$budget" "$rate" "$seed" "$run/metrics.jsonl" <<'PYTHON'
import json, statistics, sys
family, budget, rate, seed, path = sys.argv[1:]
lines = [json.loads(line) for line in open(path)]
last = {}
for line in lines:
    last.update(line)
speed = statistics.median(line["throughput/tokens_per_second"] for line in lines if "throughput/tokens_per_second" in line)
print(json.dumps({
    "family": family, "forward_flops": budget, "learning_rate": rate, "seed": int(seed),
    "tokens": last["train/tokens_seen"],
    "nll": round(last["validation/cross_entropy_loss"], 4),
    "standard_error": round(last["validation/cross_entropy_loss_standard_error"], 4),
    "bits_per_byte": round(last["validation/bits_per_byte"], 4),
    "mean_depth": round(last["validation/mean_recursion_depth"], 3),
    "median_tokens_per_second": round(speed)}), flush=True)
PYTHON
    done
  done
done
