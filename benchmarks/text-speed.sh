#!/usr/bin/env bash
# Compares tokenizer training with sentencepiece, and measures data preparation, on one folder of plain or gzipped text
# files. Both programs run in turn; times include the start of the process. Nothing else should run meanwhile.
#
#   apt-get install sentencepiece
#   benchmarks/text-speed.sh saiki-text/src/main/resources/dev/saiki/text/corpus 5    # folder and rounds
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
folder=${1:?the folder of text}
rounds=${2:-5}
command -v spm_train >/dev/null || { echo "text-speed: needs spm_train; apt-get install sentencepiece" >&2; exit 2; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/text"
for file in "$folder"/*.txt.gz; do gzip -dc "$file" >"$work/text/$(basename "${file%.gz}")"; done
cat "$work/text"/*.txt >"$work/all.txt"
bytes=$(wc -c <"$work/all.txt")
"$root/saiki" --version >/dev/null

timed() { # label command...
  local label=$1 start end
  shift
  start=$(date +%s%N)
  "$@" >/dev/null 2>&1
  end=$(date +%s%N)
  awk -v label="$label" -v ns=$((end - start)) -v bytes="$bytes" \
    'BEGIN { printf "{\"what\":\"%s\",\"seconds\":%.2f,\"megabytes_per_second\":%.2f}\n", label, ns / 1e9, bytes / 1e6 / (ns / 1e9) }'
}

for _ in $(seq "$rounds"); do
  rm -f "$work/tokenizer.json"
  timed saiki-tokenizer "$root/saiki" tokenizer train --corpus "$work/text" --vocab-size 8192 --out "$work/tokenizer.json"
  # A high limit on sentence length, since the default of 4192 would leave out the long lines.
  timed sentencepiece spm_train --input="$work/all.txt" --model_prefix="$work/m" --vocab_size=8192 --model_type=bpe \
    --max_sentence_length=1000000 --num_threads="$(nproc)" --minloglevel=2
  rm -rf "$work/data"
  timed saiki-data-prepare "$root/saiki" data prepare --corpus "$work/text" --tokenizer "$work/tokenizer.json" --out "$work/data"
done
