#!/usr/bin/env bash
# The effort dial: trains tiny models with expert threshold and with expert choice at equal forward FLOPs on the built-in
# corpus. Prints JSON: for each model the held-out loss and the cost by effort; then, for each effort, one line with the
# first model's generated tokens per second (the median of 9 rounds, each of which runs every effort in turn with 32 texts at
# once). A killed run continues where it stopped.
#
#   benchmarks/dial.sh OUT 1000    # folder of the runs, held-out rows
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
# shellcheck source=../scripts/prepare-corpus.sh
. "$root/scripts/prepare-corpus.sh"
out=${1:?the folder of the runs}
rows=${2:-1000}
efforts=0.2,0.35,0.425,0.5,0.62,0.65,0.8,1

prepare_corpus "$root" "$out" 2048
for family in threshold expert; do
  if [ ! -f "$out/$family/done" ]; then
    "$root/saiki" train --recipe "tiny-mor3-$family" --resume-if-any --out "$out/$family" \
      --set data.dataset="$out/data" >"$out/$family.log" 2>&1
    touch "$out/$family/done"
  fi
done
"$root/saiki" eval tradeoff --model "$out/threshold/last" --dataset "$out/data" --windows "$rows" --efforts "$efforts" --json
"$root/saiki" eval tradeoff --model "$out/expert/last" --dataset "$out/data" --windows "$rows" --json
for _ in $(seq 9); do
  for effort in ${efforts//,/ }; do
    "$root/saiki" bench serve --model "$out/threshold/last" --threads 1 --effort "$effort" --streams 32 --prompt-tokens 32 \
      --tokens 96 --json 2>/dev/null | sed "s/^{/{\"effort\":$effort,/"
  done
done | python3 -c '
import json, statistics, sys
speeds = {}
for line in map(json.loads, sys.stdin):
    speeds.setdefault(line["effort"], []).append(line["tokens_per_second"])
for effort, of in speeds.items():
    print(json.dumps({"effort": effort, "tokens_per_second": statistics.median(of), "least": min(of), "most": max(of)}))
'
