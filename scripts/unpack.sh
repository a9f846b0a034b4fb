#!/bin/sh
# Unpacks the parts beside this file, which scripts/pack-gpu.sh made, into TARGET/saiki.
#   sh unpack.sh TARGET
set -eu

parts=$(cd "$(dirname "$0")" && pwd)
target=${1:?a folder to unpack into}
(cd "$parts" && sha256sum --quiet -c SHA256SUMS)
mkdir -p "$target"
cat "$parts"/part.* | tar -C "$target" -oxf -
echo "next: $target/saiki/run.sh"
