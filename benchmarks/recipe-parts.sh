#!/usr/bin/env bash
# The cost of each part of a recipe in training and in decoding: small-mor3-gain, and the same recipe with one part more or
# less, in turn, on the built-in text. Prints one line per part: seconds per training step and per generated token, divided
# by those of small-mor3-gain in the same round, as the median, least and most of the rounds; and the FLOPs per token, in
# training and in decoding, that `describe` counts. In decoding, a third of the tokens is forced to each depth. Nothing else
# should run meanwhile.
#
#   benchmarks/recipe-parts.sh FOLDER            # 3 rounds of 60 steps
#   benchmarks/recipe-parts.sh FOLDER 5 160      # rounds and steps
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
# shellcheck source=../scripts/prepare-corpus.sh
. "$root/scripts/prepare-corpus.sh"
folder=${1:?usage: recipe-parts.sh FOLDER [ROUNDS] [STEPS]}
rounds=${2:-3}
steps=${3:-60}
first=20 # Java has compiled by then what matters
sequences=8

# name, recipe, settings
parts=(
  "as it is|small-mor3-gain|"
  "without losses at full depth|small-mor3-gain|objective.full_depth=null"
  "with distillation|small-mor3-gain|objective.full_depth.distillation.coefficient=1"
  "a tenth of rejected tokens goes on|small-mor3-gain|objective.full_depth.router.rejected_share=0.1"
  "two matrices for the router|small-mor3-gain|model.routing.router_type=mlp"
  "norms of the steps|small-mor3-gain|model.recursion.step_norms=true"
  "low-rank updates of the steps|small-mor3-gain|model.recursion.step_lora.rank=4"
  "injection|small-mor3-gain|model.recursion.injection=true"
  "keys and values: hybrid|small-mor3-gain|model.kv_sharing=hybrid"
  "keys and values: completion|small-mor3-gain|model.kv_sharing=completion"
  "factorised embedding|small-mor3-gain|model.embedding_size=64"
  "dropout|small-mor3-gain|model.dropout=0.1"
  "expert threshold, no gates|small-mor3-threshold|"
  "three recursions for all|small-recursive3|"
)

# Prints the seconds per training step from step $first on.
train() { # run, recipe, settings...
  local run=$1 recipe=$2
  shift 2
  rm -rf "$run"
  "$root/saiki" train --recipe "$recipe" --out "$run" --set "data.dataset=$folder/data" \
    "schedule.steps=$steps" metrics.validate_every=0 metrics.validation_sequences=2 metrics.log_every=20 metrics.tensorboard=false "$@" >"$run.log" 2>&1
  awk -F'[:,]' -v first="$first" '!/validation\// {
      for (i = 1; i < NF; i++) {
        if ($i ~ /"step"/) step = $(i + 1); if ($i ~ /"wall_time"/) time = $(i + 1)
      }
      if (step >= first && !began) { began = step; time0 = time }
    } END { printf "%.6f\n", (time - time0) / (step - began) }' "$run/metrics.jsonl"
}

# Prints the seconds per generated token.
decode() { # run, depths...
  "$root/saiki" bench decode --model "$1" --sequences "$sequences" --prompt-tokens 32 --tokens 64 --json "${@:2}" 2>/dev/null |
    sed -n 's/.*"tokens_per_second":{[^}]*"median":\([0-9.]*\).*/\1/p' | awk '{ printf "%.9f\n", 1 / $1 }'
}

spread() { # of the ratios of a file
  sort -n "$1" | awk '{ v[NR] = $1 } END { printf "%.3f (%.3f to %.3f)", (v[int((NR + 1) / 2)] + v[int(NR / 2) + 1]) / 2, v[1], v[NR] }'
}

prepare_corpus "$root" "$folder" 4096
rm -f "$folder"/ratios-*
for ((round = 1; round <= rounds; round++)); do
  for index in "${!parts[@]}"; do
    IFS='|' read -r name recipe setting <<<"${parts[index]}"
    run=$folder/run-$index
    trained=$(train "$run" "$recipe" ${setting:+"$setting"})
    depths=()
    [ "$recipe" = small-recursive3 ] || depths=(--depth-shares 0.3333334,0.3333333,0.3333333)
    written=$(decode "$run" "${depths[@]}")
    [ "$index" -gt 0 ] || base=("$trained" "$written")
    awk "BEGIN { print $trained / ${base[0]} }" >>"$folder/ratios-$index-train"
    awk "BEGIN { print $written / ${base[1]} }" >>"$folder/ratios-$index-decode"
    echo "round $round, $name: $trained s a step, $written s a token" >&2
  done
done
for index in "${!parts[@]}"; do
  IFS='|' read -r name recipe setting <<<"${parts[index]}"
  # The FLOPs of training, including the additional ones of full depth, and those of a generated token.
  flops=$("$root/saiki" describe --recipe "$recipe" ${setting:+--set "$setting"} --json |
    sed -n 's/.*"\(training_\)\{0,1\}forward" : \([0-9]*\).*/\2/p' | sort -rn | paste -sd ' ')
  echo "$name | $(spread "$folder/ratios-$index-train") | $(spread "$folder/ratios-$index-decode") | $flops"
done
