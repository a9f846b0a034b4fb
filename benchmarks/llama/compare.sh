#!/usr/bin/env bash
# Compares Saiki's engine with llama.cpp in alternating rounds: the same GGUF file with random weights, 2 threads, default
# settings, the same prompts and lengths. MoR-3's depths are forced, independently for each sequence. Prints llama.cpp's
# table rows and Saiki's JSON lines. Nothing else should run meanwhile.
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
#   python3 make_gguf.py src/gguf-py 360m bf16 360m-bf16.gguf    # and q8_0, q4_0; shapes 135m, 1b, experts
#   llama-quantize 360m-bf16.gguf 360m-q4_k_m.gguf Q4_K_M         # tools/quantize of that source, built in the same way
#   ./saiki train init --recipe recipes/paper/360m-mor3-expert.yaml --seed 1 --out MOR3
#
#   PROMPT=128 TOKENS=64 benchmarks/llama/compare.sh FOLDER "1 8 16 32" MOR3    # numbers of sequences
#   CONTEXT=36000 CACHE_MIB=2500 PROMPT=1024 benchmarks/llama/compare.sh …      # both engines need room for long prompts
#   SHAPE=1b TYPES="q8_0 q4_k_m" benchmarks/llama/compare.sh FOLDER "1 8 32"    # another shape, some number formats
#   SAIKI_JAVA_OPTIONS=-Dsaiki.kernels=java benchmarks/llama/compare.sh …       # without the kernels in C
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
folder=$(cd "${1:?the folder with batched-bench and the GGUF files}" && pwd -P)
counts=${2:-1 8 16 32}
mor3=${3:-}
shape=${SHAPE:-360m}
prompt=${PROMPT:-16}
tokens=${TOKENS:-64}

llama() { # type sequences prompt tokens
  (cd "$folder" && ./batched-bench -m "$shape-$1.gguf" -c "${CONTEXT:-12288}" -b 2048 -ub 512 -npp "$3" -ntg "$4" -npl "$2" -t 2 -tb 2 2>&1 |
    grep -E '^\| +[0-9]' | sed "s/^/llama.cpp $shape-$1 /")
}

saiki() { # label measure model options...
  local label=$1 measure=$2 model=$3
  shift 3
  "$root/saiki" bench "$measure" --model "$model" --threads 2 --rounds "${ROUNDS:-4}" --json "$@" 2>/dev/null | sed "s/^/saiki $label /"
}

weights_of() { # type of llama.cpp
  case $1 in bf16) echo bfloat16 ;; q8_0) echo int8 ;; *) echo int4 ;; esac
}

for type in ${TYPES:-bf16 q8_0 q4_0 q4_k_m}; do
  model=$folder/$shape-$type
  [ -d "$model" ] || "$root/saiki" import "$model.gguf" --out "$model" >&2
  for sequences in $counts; do
    llama "$type" "$sequences" "$prompt" "$tokens"
    saiki "$shape-$type" decode "$model" --sequences "$sequences" --prompt-tokens "$prompt" --tokens "$tokens" \
      --cache-mib "${CACHE_MIB:-1024}"
    [ -z "$mor3" ] || saiki "mor3-$type" decode "$mor3" --weights "$(weights_of "$type")" --sequences "$sequences" \
      --prompt-tokens "$prompt" --tokens "$tokens" --cache-mib "${CACHE_MIB:-1024}" --depth-shares 0.3333334,0.3333333,0.3333333
  done
  llama "$type" 1 512 1
  saiki "$shape-$type" prefill "$model" --prompt-tokens 512
done
