#!/usr/bin/env bash
# Decoding at the largest batch whose weights and cache fit into a given memory: MoR-2, -3 and -4 of the 360M shape at
# balanced depths, compared with the vanilla model of the same unrolled depth, everything included. Fewer weights and fewer
# keys and values leave room for more sequences. Weights are random, so depths are forced, independently for each sequence.
# Prints JSON lines. Nothing else should run meanwhile.
#
#   benchmarks/max-batch.sh FOLDER 896    # folder for the checkpoints, MiB, more options
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
folder=${1:?a folder for the checkpoints}
memory=${2:-896}
options=("${@:3}")
prompt=32
tokens=64

bench() { # name recipe depths overrides...
  local name=$1 recipe=$2 depths=$3 sequences cache
  [ -d "$folder/$name" ] ||
    "$root/saiki" train init --recipe "$recipe" --seed 1 --out "$folder/$name" "${@:4}" >/dev/null 2>&1
  # Pages hold 16 tokens of a recursion step; a sequence's last pages are counted as full.
  read -r sequences cache < <("$root/saiki" describe --model "$folder/$name" --json 2>/dev/null | python3 -c "
import json, sys
model = json.load(sys.stdin)
cache = ($memory << 20) - 2 * model['parameters']['total']
longest = $prompt + $tokens + 16
print(int(cache / (longest * model['cache_bytes_per_token'])), cache >> 20)")
  "$root/saiki" bench decode --model "$folder/$name" --weights bfloat16 --sequences "$sequences" --cache-mib "$cache" \
    --prompt-tokens $prompt --tokens $tokens --json ${depths:+--depth-shares "$depths"} "${options[@]}" 2>/dev/null |
    sed "s/^{/{\"model\":\"$name\",\"cache_mib\":$cache,/"
}

mkdir -p "$folder"
bench vanilla-32 360m-vanilla ""
bench mor2 360m-mor2-expert 0.5,0.5
bench mor3 360m-mor3-expert 0.3333334,0.3333333,0.3333333
bench vanilla-34 360m-vanilla "" --set model.num_hidden_layers=34
bench mor4 360m-mor4-expert 0.25,0.25,0.25,0.25
bench vanilla-32 360m-vanilla ""
