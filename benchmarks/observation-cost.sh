#!/usr/bin/env bash
# What watching a server costs: an audit, traces, a log in JSON, answers scored again, and somebody who reads the metrics
# every second, against a server of the same model without any of it, the same requests in turns. One JSON line, medians
# of rounds of about four seconds at each. Prompts are pieces of the built-in corpus, or of the file or folder that CORPUS
# names. For a model see serve.sh: what watching costs is a share of what a token costs, and so depends on the depth.
#
#   ./build package -DskipTests
#   benchmarks/observation-cost.sh MODEL 20 --threads 1   # rounds, options of saiki serve; nothing else should run meanwhile
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
# shellcheck source=../scripts/find-jdk.sh
. "$root/scripts/find-jdk.sh"
"$root/saiki" --version >/dev/null
exec "$(find_jdk)/bin/java" --enable-native-access=ALL-UNNAMED -Xmx512m \
  -cp "$root/saiki-benchmarks/target/classes:$root/saiki-cli/target/saiki/lib/*" \
  dev.saiki.benchmarks.ObservabilityOverhead "$root/saiki" "${1:?a checkpoint folder}" "${2:?rounds}" "${@:3}"
