#!/usr/bin/env bash
# Compares Saiki's engine with llama.cpp in alternating rounds: the 360M shape with random weights, 2 threads, the same
# prompts and lengths. MoR-3's depths are forced, independently for each sequence. Prints llama.cpp's table rows and Saiki's
# JSON lines. Nothing else should run meanwhile.
#
# llama.cpp comes from the npm package node-llama-cpp 3.22.1, which brings its libraries and its source; its
# batched-bench is built from that source against those libraries:
#
#   npm install node-llama-cpp@3.22.1 --ignore-scripts
#   git clone node_modules/node-llama-cpp/llama/gitRelease.bundle src
#   libs=node_modules/@node-llama-cpp/linux-x64/bins/linux-x64 && ln -s $libs/*.so .
#   g++ -O2 -std=c++17 -Isrc/include -Isrc/ggml/include -Isrc/common -Isrc/vendor -Isrc/tools/batched-bench \
#     src/tools/batched-bench/{main,batched-bench}.cpp -o batched-bench -L$libs -Wl,-rpath,$PWD/$libs \
#     -l:libllama-common.so -l:libllama.v0.5.0.so -l:libggml.v0.5.0.so -l:libggml-base.so
#   python3 make_gguf.py src/gguf-py 360m bf16 360m-bf16.gguf    # and q8_0, q4_0
#   ./saiki train init --recipe recipes/paper/360m-vanilla.yaml --seed 1 --out VANILLA    # and 360m-mor3-expert.yaml
#
#   PROMPT=128 TOKENS=64 benchmarks/llama/compare.sh FOLDER VANILLA MOR3 "1 8 16 32"    # numbers of sequences
#   TYPES="q8_0 q4_0" benchmarks/llama/compare.sh …    # some of the number formats
#   SAIKI_JAVA_OPTIONS=-Dsaiki.kernels=java benchmarks/llama/compare.sh …               # without the kernels in C
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
folder=$(cd "${1:?the folder with batched-bench and the GGUF files}" && pwd -P)
vanilla=${2:?the vanilla checkpoint}
mor3=${3:?the MoR-3 checkpoint}
counts=${4:-1 8 16 32}
prompt=${PROMPT:-16}
tokens=${TOKENS:-64}

llama() { # type sequences prompt tokens
  (cd "$folder" && ./batched-bench -m "360m-$1.gguf" -c 12288 -b 2048 -ub 512 -npp "$3" -ntg "$4" -npl "$2" -t 2 -tb 2 2>&1 |
    grep -E '^\| +[0-9]' | sed "s/^/llama.cpp $1 /")
}

saiki() { # label measure model options...
  local label=$1 measure=$2 model=$3
  shift 3
  "$root/saiki" bench "$measure" --model "$model" --threads 2 --rounds 2 --json "$@" 2>/dev/null | sed "s/^/saiki $label /"
}

ours() { # type of llama.cpp
  case $1 in bf16) echo bfloat16 ;; q8_0) echo int8 ;; q4_0) echo int4 ;; esac
}

for type in ${TYPES:-bf16 q8_0 q4_0}; do
  weights=$(ours "$type")
  for sequences in $counts; do
    llama "$type" "$sequences" "$prompt" "$tokens"
    saiki "$weights" decode "$vanilla" --weights "$weights" --sequences "$sequences" --prompt-tokens "$prompt" \
      --tokens "$tokens"
    saiki "mor3-$weights" decode "$mor3" --weights "$weights" --sequences "$sequences" --prompt-tokens "$prompt" \
      --tokens "$tokens" --depth-shares 0.3333334,0.3333333,0.3333333
  done
  llama "$type" 1 512 1
  saiki "$weights" prefill "$vanilla" --weights "$weights" --prompt-tokens 512
done
