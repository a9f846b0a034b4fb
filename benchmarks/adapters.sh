#!/usr/bin/env bash
# Compares sixteen adapters that are served together, each sequence with the next adapter, with the model into which one of
# them is merged: generated tokens per second, in alternating rounds. Prints one JSON line for each number of sequences;
# `over_merged` is the median of the rounds' ratios. Adapters are random and update all linear maps of the layers. Nothing
# else should run meanwhile.
#
#   ./build package -DskipTests
#   benchmarks/adapters.sh MODEL                         # a checkpoint
#   benchmarks/adapters.sh MODEL 16 8 9 bfloat16 16 64   # adapters, rank, rounds, weights, numbers of sequences
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
# shellcheck source=../scripts/find-jdk.sh
. "$root/scripts/find-jdk.sh"
model=${1:?a checkpoint folder}
adapters=${2:-16}
rank=${3:-8}
rounds=${4:-9}
weights=${5:-float32}
sequences=("${@:6}")
"$root/saiki" --version >/dev/null
for number in "${sequences[@]:-16}"; do
  "$(find_jdk)/bin/java" --enable-native-access=ALL-UNNAMED --add-modules jdk.incubator.vector \
    -cp "$root/saiki-benchmarks/target/classes:$root/saiki-cli/target/saiki/lib/*" \
    dev.saiki.benchmarks.AdapterSpeed "$model" "$adapters" "$rank" "$number" "$rounds" "$weights" 2>/dev/null
done
