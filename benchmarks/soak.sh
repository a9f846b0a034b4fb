#!/usr/bin/env bash
# A soak test of the engine: more load than its memory holds, with cancellations and deadlines. Prints one JSON line per
# minute, and at the end whether a request was lost, a cache page leaked or memory grew; exit code 1 if so. The whole heap is
# allocated at the start, so any growth is a leak. Prompts are excerpts of the built-in corpus, or of the file or folder in
# CORPUS, if the model has a tokenizer, otherwise random tokens; the first line names the source, the last line contains the
# depth.
#
#   ./saiki --version && ./build package -DskipTests                       # the libraries, and the program itself
#   ./saiki tokenizer train --corpus saiki-text/src/main/resources/dev/saiki/text/corpus --vocab-size 4096 --out TOKENIZER
#   ./saiki train init --recipe recipes/studies/small-mor3-expert.yaml --seed 1 --out MODEL --set tokenizer.file=TOKENIZER
#   benchmarks/soak.sh MODEL 60 2 12    # minutes, threads, and MiB of key-value cache, too few for 48 requests
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
# shellcheck source=../scripts/find-jdk.sh
. "$root/scripts/find-jdk.sh"
exec "$(find_jdk)/bin/java" --enable-native-access=ALL-UNNAMED --add-modules jdk.incubator.vector \
  -Xms512m -Xmx512m -XX:+AlwaysPreTouch -cp "$root/saiki-benchmarks/target/test-classes:$root/saiki-cli/target/saiki/lib/*" \
  dev.saiki.benchmarks.EngineSoak "${1:?a checkpoint folder}" "${2:-60}" "${3:-2}" "${4:-12}" 2>/dev/null
