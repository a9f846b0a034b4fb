#!/usr/bin/env bash
# Whether decoding of a plain Llama became slower between two commits: `bench decode` from two working copies in the order
# old, new, new, old, with the same checkpoints, made by the old one: the 135M shape, and a small model in which the overhead
# per layer outweighs the arithmetic. Prints one line per measurement: tokens per second while all sequences decode, old and
# new, as median and range of all rounds, and the ratio of new to old. Nothing else should run meanwhile.
#
#   benchmarks/two-commits.sh OLD NEW FOLDER             # two working copies, a folder for the checkpoints
#   TURNS=4 ROUNDS=9 benchmarks/two-commits.sh OLD NEW FOLDER
set -euo pipefail

old=$(cd "${1:?the working copy of the older commit}" && pwd -P)
new=$(cd "${2:?the working copy of the newer commit}" && pwd -P)
folder=${3:?a folder for the checkpoints}
options=("${@:4}")
turns=${TURNS:-3}
rounds=${ROUNDS:-5}

init() { # name overrides...
  [ -d "$folder/$1" ] ||
    "$old/saiki" init --recipe "$(find "$old/recipes" -name 135m-vanilla.yaml)" --seed 1 --out "$folder/$1" "${@:2}" >/dev/null 2>&1
}

bench() { # which name weights sequences
  "${!1}/saiki" bench decode --model "$folder/$2" --weights "$3" --sequences "$4" --prompt-tokens 32 --tokens 128 \
    --rounds "$rounds" --json "${options[@]}" 2>/dev/null | sed "s/^{/{\"commit\":\"$1\",/"
}

mkdir -p "$folder"
"$old/saiki" --version >/dev/null # builds what is out of date
"$new/saiki" --version >/dev/null
init large
init small --set model.hidden_size=128 --set model.intermediate_size=256 --set model.num_attention_heads=4 \
  --set model.num_key_value_heads=2 --set model.head_dim=32 --set model.vocab_size=512
for model in small large; do
  for weights in float32 bfloat16 int8; do
    for sequences in 1 8; do
      for ((turn = 0; turn < turns; turn++)); do
        for which in old new new old; do
          bench "$which" "$model" "$weights" "$sequences"
        done
      done | python3 -c "
import json, statistics, sys
spreads = {'old': [], 'new': []}
for line in sys.stdin:
    found = json.loads(line)
    spreads[found['commit']].append(found['steady_tokens_per_second'])
median = {which: statistics.median(s['median'] for s in all) for which, all in spreads.items()}
print('$model $weights $sequences:', ', '.join(
    f'{which} {median[which]:.1f} ({min(s[\"least\"] for s in all):.1f}–{max(s[\"most\"] for s in all):.1f})'
    for which, all in spreads.items()), f'new/old {median[\"new\"] / median[\"old\"]:.3f}', flush=True)"
    done
  done
done
