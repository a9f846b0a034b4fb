#!/usr/bin/env bash
# Training time per FLOP: expert threshold compared with expert choice, in turn, at hidden sizes 128 and 256, on the built-in
# text.
#
#   benchmarks/routing-time.sh FOLDER            # 5 rounds of 400 steps
#   benchmarks/routing-time.sh FOLDER 9 600      # rounds and steps
#
# FOLDER keeps the text between calls. Prints one line per round and, at the end, the medians. Trainings are timed from step
# 100 on: by then Java has compiled the important code. SAIKI names another saiki launcher, to compare two versions.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
saiki=${SAIKI:-$root/saiki}
folder=${1:?usage: routing-time.sh FOLDER [ROUNDS] [STEPS]}
rounds=${2:-5}
steps=${3:-400}
corpus=$root/saiki-text/src/main/resources/dev/saiki/text/corpus
mkdir -p "$folder"
[ -f "$folder/tokenizer.json" ] ||
  "$saiki" tokenizer train --corpus "$corpus" --vocab-size 2048 --out "$folder/tokenizer.json" >&2
[ -d "$folder/data" ] ||
  "$saiki" data prepare --corpus "$corpus" --tokenizer "$folder/tokenizer.json" --out "$folder/data" >&2

# Prints the nanoseconds per billion forward FLOPs.
train() { # recipe, model settings...
  local run=$folder/run recipe=$1
  shift
  rm -rf "$run"
  "$saiki" train --recipe "$(find "$root/recipes" -name "$recipe.yaml")" --out "$run" --set "data.dataset=$folder/data" \
    model.vocab_size=2048 "schedule.steps=$steps" batch.sequences=2 batch.micro_batch_sequences=1 \
    metrics.validate_every=0 metrics.log_every=20 metrics.tensorboard=false "$@" >/dev/null 2>&1
  awk -F'[:,]' '!/validation\// {
      for (i = 1; i < NF; i++) {
        if ($i ~ /"step"/) step = $(i + 1); if ($i ~ /"wall_time"/) time = $(i + 1)
        if ($i ~ /"train\/forward_flops"/) flops = $(i + 1)
      }
      if (step >= 100 && !first) { first = 1; time0 = time; flops0 = flops }
    } END { printf "%.1f\n", 1e9 * (time - time0) / ((flops - flops0) / 1e9) / 1e3 }' "$run/metrics.jsonl"
}

median() {
  sort -n | awk '{ value[NR] = $1 } END { print (value[int((NR + 1) / 2)] + value[int(NR / 2) + 1]) / 2 }'
}

for hidden in 128 256; do
  shape=("model.hidden_size=$hidden")
  [ "$hidden" = 256 ] || shape+=(model.intermediate_size=384 model.head_dim=32)
  : >"$folder/ratios"
  for ((round = 1; round <= rounds; round++)); do
    expert=$(train small-mor3-expert "${shape[@]}")
    threshold=$(train small-mor3-threshold "${shape[@]}")
    ratio=$(awk "BEGIN { printf \"%.3f\", $threshold / $expert }")
    echo "$ratio" >>"$folder/ratios"
    echo "hidden $hidden, round $round: expert choice $expert, expert threshold $threshold µs a GFLOP, ratio $ratio"
  done
  echo "hidden $hidden: median ratio $(median <"$folder/ratios") of $rounds rounds"
done
