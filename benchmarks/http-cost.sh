#!/usr/bin/env bash
# What HTTP adds to the engine: the same requests in turn at the engine itself, over HTTP in one piece and in streams, with
# the clients in a process of their own. Beside tokens a second it tells what the processor spends on a token in engine
# and server, and in the clients, which other programs disturb less. JSON Lines, one object a model and kind of load:
# answers of the usual length, which show what a request costs, and longer ones, which show what a token costs. Each runs
# for nearly two minutes before anything counts: Java compiles what a request runs through only after thousands of them, in
# the server and in the clients, and while it does, its compiler takes more of the processor than both. The engine has one
# thread, or as many as THREADS says. Prompts are pieces of the built-in corpus, or of the file or folder that CORPUS names.
#
# What HTTP costs is a share of what the engine takes, and that depends on the depth, which the output tells: the model
# should be a trained one, such as FOLDER/mor of serve.sh.
#
#   benchmarks/http-cost.sh 20 MODEL...      # rounds, checkpoint folders; nothing else should run meanwhile
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
rounds=${1:?rounds}
shift
[ $# -gt 0 ] || { echo "http-cost: which checkpoint folders?" >&2; exit 2; }
for model in "$@"; do
  for length in "48 32" "8 90"; do
    read -r prompt tokens <<<"$length"
    "$root/saiki" bench serve --model "$model" --overhead 8 --rounds "$rounds" --warm-up 110 --threads "${THREADS:-1}" \
      --prompt-tokens "$prompt" --tokens "$tokens" ${CORPUS:+--corpus "$CORPUS"} --json | sed "s|^{|{\"model\":\"${model##*/}\",\"tokens\":$tokens,|"
  done
done
