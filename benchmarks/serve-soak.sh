#!/usr/bin/env bash
# A soak test of a server in a process of its own. First it measures the server's capacity. Then it applies four fifths of
# that at random times, with clients that disconnect midway, read slowly, send malformed requests or have no key. Meanwhile
# it reloads and rolls back checkpoints, tries truncated checkpoints and a checkpoint whose router computes NaN, and locks
# the database. Prints one JSON line per minute: memory, threads, file handles, latencies. At the end it compares all sent
# requests with the audit, and the last fifth of the time with the first. Exit code 1, with the problems on standard error,
# if a record is missing, duplicated or has another status than the client saw, a bad checkpoint was accepted, or a figure
# grew.
#
# Prompts are excerpts of the built-in corpus, or of the file or folder in CORPUS; the last line contains their depth.
# Nothing else should run meanwhile: a slower machine would look like a slower server. For a model see serve.sh; a model with
# random weights suffices to look for leaks, but its depths are meaningless:
#
#   ./build package -DskipTests
#   ./saiki tokenizer train --corpus saiki-text/src/main/resources/dev/saiki/text/corpus --vocab-size 4096 --out TOKENIZER
#   ./saiki train init --recipe recipes/small-mor3-threshold.yaml --seed 1 --out MODEL --set tokenizer.file=TOKENIZER
#   benchmarks/serve-soak.sh MODEL 60                        # minutes
#   benchmarks/serve-soak.sh MODEL 60 --threads 2            # further options are those of saiki serve
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
# shellcheck source=../scripts/find-jdk.sh
. "$root/scripts/find-jdk.sh"
"$root/saiki" --version >/dev/null
# Java clients keep as many connections as were ever needed at once, which would look like a leak of the server.
exec "$(find_jdk)/bin/java" --enable-native-access=ALL-UNNAMED -Xmx512m \
  -Djdk.httpclient.connectionPoolSize=16 -cp "$root/saiki-benchmarks/target/test-classes:$root/saiki-testkit/target/classes:$root/saiki-cli/target/saiki/lib/*" \
  dev.saiki.benchmarks.ServerSoak "$root/saiki" "${1:?a checkpoint folder}" "${2:?minutes}" "${@:3}"
