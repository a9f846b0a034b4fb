#!/usr/bin/env bash
# A server in a process of its own under load for a long time: first how much it takes, then four fifths of that, at random
# moments, with clients that leave in the middle, read slowly, send nonsense or have no key, and meanwhile reloads, ways
# back, checkpoints that are cut off or have a router of NaN, and a database that somebody else holds. A JSON line a
# minute: memory, threads, file handles, times of answers. At the end every request that was sent is held against the
# audit, and the last fifth of the time against the first; exit code 1, and what is wrong on standard error, if a record
# is missing, there twice or has another status than the client saw, a bad checkpoint was taken, or a figure grew.
#
# Prompts are pieces of the built-in corpus, or of the file or folder that CORPUS names; the last line tells how deep they went.
# Nothing else should run meanwhile: a slower machine is taken for a slower server. For a model see serve.sh; one of random
# weights will do to look for leaks, but its router knows nothing of text:
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
# Java's clients keep as many connections as were ever needed at once, which would look like a leak of the server's.
exec "$(find_jdk)/bin/java" --enable-native-access=ALL-UNNAMED -Xmx512m \
  -Djdk.httpclient.connectionPoolSize=16 -cp "$root/saiki-benchmarks/target/test-classes:$root/saiki-testkit/target/classes:$root/saiki-cli/target/saiki/lib/*" \
  dev.saiki.benchmarks.ServerSoak "$root/saiki" "${1:?a checkpoint folder}" "${2:?minutes}" "${@:3}"
