#!/usr/bin/env bash
# How much skipped recursions save in decoding: MoR-2, -3 and -4 of the 360M shape at balanced depths, compared with the
# vanilla model of the same unrolled depth on the same engine, everything included (prompts, cache writes, routing,
# sampling). Weights are random, so depths are forced: each sequence goes deep independently of the others, as with a router.
# In alternating rounds, all sequences go deep together, as with no router; the ratio ("over_ragged") is the cost of mixed
# depths. Prints JSON lines, first for bfloat16 weights, then for int8. Nothing else should run meanwhile.
#
#   benchmarks/depth-speed.sh FOLDER 32    # folder for the checkpoints, sequences, more options
#   WEIGHTS=int8 benchmarks/depth-speed.sh FOLDER 32           # of one format alone
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
folder=${1:?a folder for the checkpoints}
sequences=${2:-32}
options=("${@:3}")

init() { # name recipe overrides...
  [ -d "$folder/$1" ] ||
    "$root/saiki" train init --recipe "$2" --seed 1 --out "$folder/$1" "${@:3}" >/dev/null 2>&1
}

bench() { # name depths...
  "$root/saiki" bench decode --model "$folder/$1" --weights "$weights" --sequences "$sequences" --prompt-tokens 32 \
    --tokens 64 --json "${options[@]}" "${@:2}" 2>/dev/null | sed "s/^{/{\"model\":\"$1\",/"
}

mkdir -p "$folder"
init vanilla-32 360m-vanilla
init vanilla-34 360m-vanilla --set model.num_hidden_layers=34
init mor2 360m-mor2-expert
init mor3 360m-mor3-expert
init mor4 360m-mor4-expert
for weights in ${WEIGHTS:-bfloat16 int8}; do
  bench vanilla-32
  bench mor2 --depth-shares 0.5,0.5 --aligned-depths
  bench mor3 --depth-shares 0.3333334,0.3333333,0.3333333 --aligned-depths
  bench vanilla-34
  bench mor4 --depth-shares 0.25,0.25,0.25,0.25 --aligned-depths
  bench vanilla-32
done
