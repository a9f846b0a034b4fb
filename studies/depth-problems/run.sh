#!/usr/bin/env bash
# Trains and evaluates the models of this study, one after the other: run.sh FOLDER [SEED...]
# Continues where an earlier call with the same folder ended. Two calls with different seeds can run side by side.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
out=${1:?the folder of data, models and results}
shift
seeds=("$@")
[ ${#seeds[@]} -gt 0 ] || seeds=(11 12 13)
saiki=${SAIKI:-$root/saiki}
families=${FAMILIES:-"ball row3 expression"}
models=${MODELS:-"one four six wide"}

# The difficulties of the easier datasets, and the hardest of the last one, for each family.
levels() {
  case $1 in
    ball | row3) echo "3 6 10" ;;
    expression) echo "2 4 6" ;;
    alias | manager) echo "1 2 4" ;;
  esac
}

data() { # FAMILY
  local family=$1 level last tokenizer=$out/data/$1/tokenizer.json
  last=$(levels "$family" | awk '{print $NF}')
  for level in $last $(levels "$family"); do
    local folder=$out/data/$family/$level
    [ ! -e "$folder/data/dataset.json" ] || continue
    rm -rf "$folder"
    "$saiki" data problems --families "$family" --hardest "$level" --longest $((level + 2)) --seed "$level" --out "$folder"
    [ -e "$tokenizer" ] || "$saiki" tokenizer train --corpus "$folder/train" --vocab-size 320 --out "$tokenizer"
    "$saiki" data prepare --corpus "$folder/train" --tokenizer "$tokenizer" --out "$folder/data"
  done
}

settings() { # MODEL: what differs from the recipe
  case $1 in
    one) echo "model.num_hidden_layers=3 model.recursion=" ;;
    four) ;;
    six) echo "model.recursion=" ;;
    wide) echo "model.num_hidden_layers=3 model.recursion= model.hidden_size=92 model.intermediate_size=256 model.num_attention_heads=6 model.num_key_value_heads=6" ;;
  esac
}

train() { # FAMILY MODEL SEED
  local family=$1 model=$2 seed=$3 easier="" last level
  local run=$out/runs/$1-$2-$3
  [ ! -e "$run/problems.json" ] || return 0
  for level in $(levels "$family"); do
    last=$out/data/$family/$level
    easier+=${easier:+,}$last/data
  done
  easier=${easier%,*}
  # shellcheck disable=SC2046
  "$saiki" train --recipe "$root/recipes/problems.yaml" --out "$run" --resume-if-any --set \
    data.dataset="$last/data" "data.curriculum.datasets=[$easier]" data.seed="$seed" \
    model.vocab_size="$(grep -o '"vocab_size" : [0-9]*' "$last/data/dataset.json" | grep -o '[0-9]*$')" $(settings "$model")
  "$saiki" eval problems --model "$run" --problems "$last/held-out.jsonl" --problems "$last/longer.jsonl" \
    --json --out "$run/problems.json.part" >/dev/null
  mv "$run/problems.json.part" "$run/problems.json"
}

for family in $families; do
  data "$family"
  for seed in "${seeds[@]}"; do
    for model in $models; do
      train "$family" "$model" "$seed"
    done
  done
done
