# Prepares the built-in corpus for comparisons of trainings. Sourced by the benchmarks.

# Cuts the corpus into pieces of about 30 kB, at empty lines if possible and otherwise at line ends, so that every book
# contributes to the held-out text; trains a tokenizer, and prepares a dataset: OUT/text, OUT/tokenizer.json, OUT/data.
# Existing files are kept.
prepare_corpus() { # root out vocabulary
  local root=$1 out=$2 vocabulary=$3 file
  [ ! -d "$out/data" ] || return 0
  mkdir -p "$out/text"
  for file in "$root"/saiki-text/src/main/resources/dev/saiki/text/corpus/*.txt.gz; do
    gzip -dc "$file" | awk -v stem="$out/text/$(basename "${file%.txt.gz}")" \
      '{ print > sprintf("%s-%04d.txt", stem, piece); size += length($0) + 1 }
       size > 40000 || (/^[[:space:]]*$/ && size > 30000) { close(sprintf("%s-%04d.txt", stem, piece)); piece++; size = 0 }'
  done
  "$root/saiki" tokenizer train --corpus "$out/text" --vocab-size "$vocabulary" --out "$out/tokenizer.json"
  "$root/saiki" data prepare --corpus "$out/text" --tokenizer "$out/tokenizer.json" --out "$out/data"
}
