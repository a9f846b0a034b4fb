#!/usr/bin/env bash
# The cost of HTTP: the same requests in turn directly on the engine, over HTTP without streaming, and over HTTP with
# streaming, with the clients in a process of their own. Besides tokens per second, the output contains the CPU time per
# token in engine and server, and in the clients, which other programs disturb less. Prints JSON Lines, one object per model
# and kind of load: answers of the usual length, which show the cost of a request, and longer ones, which show the cost of a
# token. Each measurement warms up for nearly two minutes: Java compiles the code of a request only after thousands of
# requests, in the server and in the clients, and meanwhile its compiler uses more CPU time than both. The engine has one
# thread, or THREADS threads. Prompts are excerpts of the built-in corpus, or of the file or folder in CORPUS.
#
# The cost of HTTP is measured as a share of the engine's time, which depends on the depth in the output; so the model should
# be trained, such as FOLDER/mor of serve.sh.
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
