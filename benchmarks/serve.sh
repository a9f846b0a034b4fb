#!/usr/bin/env bash
# The server under load: MoR at three efforts compared with the vanilla and the recursive model of the same unrolled depth,
# each on a server of its own on loopback. Requests arrive at random at several rates; all latencies count from the scheduled
# arrival. Then many concurrent streams, and the cost of HTTP.
#
# The small models are trained briefly, since with random weights all efforts of a router are alike; models in FOLDER
# (vanilla, recursive, mor) are used instead if they exist. Prompts are excerpts of the built-in corpus, or of the file or
# folder in CORPUS; the output contains their depth. Prints JSON Lines. Nothing else should run meanwhile.
#
#   benchmarks/serve.sh FOLDER 4,8,16 20     # folder for the checkpoints, requests a second, seconds at each rate
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
folder=${1:?a folder for the checkpoints}
rates=${2:-4,8,16}
seconds=${3:-20}
corpus=$root/saiki-text/src/main/resources/dev/saiki/text/corpus

train() { # name recipe
  [ -d "$folder/$1" ] && return
  "$root/saiki" train --recipe "$2" --out "$folder/$1-run" \
    --set "data.dataset=$folder/data" schedule.forward_flops=4.0e+11 >/dev/null 2>&1
  cp -R "$folder/$1-run/last/." "$folder/$1"
}

bench() { # name label options...
  "$root/saiki" bench serve --model "$folder/$1" --rates "$rates" --seconds "$seconds" \
    ${CORPUS:+--corpus "$CORPUS"} --json "${@:3}" 2>/dev/null |
    sed "s/^{/{\"model\":\"$2\",/"
}

mkdir -p "$folder"
[ -f "$folder/tokenizer.json" ] ||
  "$root/saiki" tokenizer train --corpus "$corpus" --vocab-size 4096 --out "$folder/tokenizer.json" >/dev/null 2>&1
[ -d "$folder/data" ] ||
  "$root/saiki" data prepare --corpus "$corpus" --tokenizer "$folder/tokenizer.json" --out "$folder/data" >/dev/null 2>&1
train vanilla small-vanilla
train recursive small-recursive3
train mor small-mor3-threshold
bench vanilla vanilla
bench recursive recursive
bench mor mor-effort-1 --effort 1
bench mor mor-effort-0.62 --effort 0.62
bench mor mor-effort-0.35 --effort 0.35
bench mor mor-overload --effort 0.62 --streams 500 --max-waiting 64 --max-sequences 64
bench mor mor-500-streams --effort 0.62 --streams 500
# Here the engine has both cores; in benchmarks/http-cost.sh it has one.
bench mor mor-overhead --effort 0.62 --overhead 8 --rounds 8 --warm-up 110
