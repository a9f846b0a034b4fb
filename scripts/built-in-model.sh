#!/usr/bin/env bash
# Makes the built-in model: built-in-model.sh FOLDER. Samples stories from stories260K, generates problems of known
# difficulty, deepens stories260K on both, and evaluates the result, FOLDER/fourth. Continues where an earlier call with the
# same folder ended. Needs curl and python3; takes about an hour on two cores. STEPS and STORIES make a short trial.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
out=$(mkdir -p "${1:?the folder of data, runs and the model}" && cd "$1" && pwd)
saiki=${SAIKI:-$root/saiki}
stories=${STORIES:-5260}
port=${PORT:-18080}

sample_stories() { # stories of up to 500 tokens, at a temperature somewhat below the default of 0.8
  "$saiki" serve --model "$out/base" --port "$port" 2>"$out/serve.log" &
  local server=$!
  trap 'kill "$server"' EXIT
  curl -s --retry 60 --retry-delay 1 --retry-connrefused "http://127.0.0.1:$port/health" >/dev/null
  python3 - "$port" "$stories" >"$out/stories.part" <<'PYTHON'
import json
import sys
import urllib.request
from concurrent.futures import ThreadPoolExecutor

port, count = map(int, sys.argv[1:])


def story(seed):
    request = {"model": "base", "prompt": "", "max_tokens": 500, "temperature": 0.7, "seed": seed}
    url = f"http://127.0.0.1:{port}/v1/completions"
    headers = {"Content-Type": "application/json"}
    with urllib.request.urlopen(urllib.request.Request(url, json.dumps(request).encode(), headers)) as answer:
        return json.load(answer)["choices"][0]["text"].strip()


with ThreadPoolExecutor(48) as threads:
    for text in threads.map(story, range(1, count + 1)):
        print(json.dumps({"text": text}))
PYTHON
  kill "$server"
  wait "$server" || true
  trap - EXIT
  mv "$out/stories.part" "$out/stories.jsonl"
}

make_problems() { # NAME HARDEST DOCUMENTS SEED [OPTION...]
  [ ! -e "$out/$1/held-out.jsonl" ] || return 0
  rm -rf "${out:?}/$1"
  "$saiki" data problems --form sentences --families ball --hardest "$2" --longest $(($2 + 2)) --characters 500 \
    --documents "$3" --seed "$4" "${@:5}" --out "$out/$1"
}

prepare() { # NAME CORPUS...
  [ ! -e "$out/$1/dataset.json" ] || return 0
  rm -rf "${out:?}/$1"
  local corpora=() path
  for path in "${@:2}"; do corpora+=(--corpus "$path"); done
  "$saiki" data prepare "${corpora[@]}" --tokenizer "$out/base/tokenizer.json" --validation-fraction 0.02 --out "$out/$1"
}

train() { # NAME FROM DATA STEPS [SETTING...]
  "$saiki" train --recipe "$root/recipes/deepen.yaml" --init-from "$out/$2" --out "$out/$1" --resume-if-any --set \
    data.dataset="$out/$3" data.target_weights.answers=60 model.recursion.step_lora.rank=24 \
    model.recursion.step_lora.alpha=24 schedule.steps="${STEPS:-$4}" "${@:5}"
}

[ -e "$out/base/config.json" ] || "$saiki" import "$root/golden/stories260k/checkpoint" --out "$out/base"
[ -e "$out/stories.jsonl" ] || sample_stories
make_problems easy-amid 2 1 2 --amid "$out/stories.jsonl" --share 0.6
make_problems easy 2 12000 12
make_problems problems 4 20000 44
prepare easy-data "$out/easy-amid/train" "$out/easy/train"
prepare data "$out/stories.jsonl" "$out/problems/train"
# Short problems first. Then all, and in the end with a share of the tokens at the depth that the router gives them.
train first base easy-data 3000 optimizer.learning_rate=4.0e-3 model.routing.default_effort=0.5
train second first/last data 4000 optimizer.learning_rate=3.0e-3 schedule.open_gates_fraction=0 \
  model.routing.default_effort=0.75
train third second/last data 6000 optimizer.learning_rate=3.0e-3 schedule.open_gates_fraction=0 \
  objective.full_depth.share=0.85 model.routing.default_effort=0.75
train fourth third/last data 2500 optimizer.learning_rate=2.0e-3 schedule.open_gates_fraction=0 \
  objective.full_depth.share=0.8 model.routing.default_effort=0.5
"$saiki" certify check --model "$out/fourth"
"$saiki" eval problems --model "$out/fourth" --problems "$out/problems/held-out.jsonl" --problems "$out/problems/longer.jsonl"
