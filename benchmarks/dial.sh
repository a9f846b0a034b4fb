#!/usr/bin/env bash
# The compute dial: trains tiny models at equal forward FLOPs on the built-in corpus, expert threshold and expert choice, and
# prints one JSON line a setting of effort: how well held-out text is predicted, what it costs, what is written how fast.
# The last line is expert choice. A run that was killed goes on where it stood.
#
#   ./saiki --version && ./build package -DskipTests
#   benchmarks/dial.sh OUT 1000    # folder of the runs, held-out rows
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
# shellcheck source=../scripts/find-jdk.sh
. "$root/scripts/find-jdk.sh"
# shellcheck source=../scripts/prepare-corpus.sh
. "$root/scripts/prepare-corpus.sh"
out=${1:?the folder of the runs}
rows=${2:-1000}

prepare_corpus "$root" "$out" 2048
for family in threshold expert; do
  if [ ! -f "$out/$family/done" ]; then
    "$root/saiki" train --recipe "tiny-mor3-$family" --resume-if-any --out "$out/$family" \
      --set data.dataset="$out/data" >"$out/$family.log" 2>&1
    touch "$out/$family/done"
  fi
  "$(find_jdk)/bin/java" --enable-native-access=ALL-UNNAMED --add-modules jdk.incubator.vector \
    -cp "$root/saiki-benchmarks/target/classes:$root/saiki-cli/target/saiki/lib/*" \
    dev.saiki.benchmarks.EffortSweep "$out/$family/last" "$out/data" "$rows"
done
