#!/usr/bin/env bash
# Packs Saiki with LibTorch for CUDA, its own Java, a small dataset and benchmarks/gpu.sh for a GPU machine without a
# network, in parts of at most 40 MiB. CUDA itself is not packed.
#
#   scripts/pack-gpu.sh [--cpu] FOLDER [MAVEN OPTION...]   the new folder for the parts; --cpu takes LibTorch for the CPU
#
# On the other machine, which needs a POSIX shell, coreutils and tar: sh FOLDER/unpack.sh TARGET, then TARGET/saiki/run.sh.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
# shellcheck source=find-jdk.sh
. "$root/scripts/find-jdk.sh"
# shellcheck source=archive-layout.sh
. "$root/scripts/archive-layout.sh"
platform=linux-x86_64-gpu
if [ "${1:-}" = --cpu ]; then
  platform=linux-x86_64
  shift
fi
out=$(realpath -m "${1:?a new folder for the parts}")
shift
[ ! -e "$out" ] || { echo "pack-gpu: $out exists; name a new folder" >&2 && exit 2; }
java_home=$(find_jdk)
work=$out.work
pack=$work/saiki
rm -rf "$work"
mkdir -p "$pack/benchmarks/pytorch"
trap 'rm -rf "$work"' EXIT

SAIKI_PLATFORM=$platform "$root/build" package -q -Dmaven.test.skip=true -Dsaiki.distribution.skip=false \
  -Dsaiki.distribution.folder="$work/distribution" -pl saiki-cli,saiki-benchmarks -am "$@"
lay_out "$root" "$work/distribution" "$pack"
make_java "$java_home" "$pack/runtime"
cp "$root"/saiki-benchmarks/target/saiki-benchmarks-*.jar "$pack/lib"
cp "$root/benchmarks/pytorch/train_step.py" "$pack/benchmarks/pytorch"
cp "$root/benchmarks/gpu.sh" "$pack/run.sh"

# The larger vocabulary is nearly the largest that the text allows; the paper's models have one of 49,152.
corpus=$root/saiki-text/src/main/resources/dev/saiki/text/corpus
mkdir "$pack/data"
for vocabulary in 4096 45056; do
  "$pack/bin/saiki" tokenizer train --corpus "$corpus" --vocab-size "$vocabulary" --out "$work/$vocabulary.json"
  "$pack/bin/saiki" data prepare --corpus "$corpus/moby.txt.gz" --tokenizer "$work/$vocabulary.json" \
    --out "$pack/data/$vocabulary"
done

mkdir "$work/parts"
cp "$root/scripts/unpack.sh" "$work/parts"
chmod -R u=rwX,go=rX "$pack"
tar -C "$work" --owner=0 --group=0 --numeric-owner -cf - saiki | split -b 40M -d -a 3 - "$work/parts/part."
(cd "$work/parts" && sha256sum -- * >SHA256SUMS)
mv "$work/parts" "$out"
echo "pack-gpu: $(du -sh "$out" | cut -f 1) in $(find "$out" -name 'part.*' | wc -l) parts in $out" >&2
