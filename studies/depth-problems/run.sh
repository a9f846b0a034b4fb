#!/usr/bin/env bash
# Trains and evaluates the models of this study, one after the other:
#   run.sh FOLDER data            the problems alone
#   run.sh FOLDER rates           three learning rates for each model on the family ball, seed 1
#   run.sh FOLDER confirm [SEED]  the rates of rates.txt, on fresh seeds, with a learning curve
#   run.sh FOLDER router [SEED]   routers on the trunks that confirm, or with TRUNKS=-rising the try of that name, trained
#                                 on the family ball
#   run.sh FOLDER tries [SEED]    one change of training each, four passes (or MODELS) on the family ball (or FAMILIES)
# Continues where an earlier call with the same folder ended. Once the data is there, calls with different SEEDs, FAMILIES
# or MODELS can run side by side.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
out=${1:?the folder of data, models and results}
stage=${2:?data, rates or confirm}
shift 2
saiki=${SAIKI:-$root/saiki}
steps=${STEPS:-3000}
families=${FAMILIES:-"ball row3 alias"}
models=${MODELS:-"one four six wide"}

# The hardest difficulty of each dataset of the curriculum, easiest first.
levels() {
  case $1 in
    ball | row3) echo "3 6 10" ;;
    ball16) echo "3 6 10 16" ;;
    alias) echo "2 4 6" ;;
    manager | expression) echo "1 2 4" ;;
    *) echo "unknown family $1" >&2 && return 2 ;;
  esac
}

data() { # FAMILY
  local family=$1 level last tokenizer=$out/data/$1/tokenizer.json
  last=$(levels "$family" | awk '{print $NF}')
  for level in $last $(levels "$family"); do
    local folder=$out/data/$family/$level
    [ ! -e "$folder/data/dataset.json" ] || continue
    rm -rf "$folder"
    "$saiki" data problems --families "${family%16}" --hardest "$level" --longest $((level + 2)) --seed "$level" --out "$folder"
    [ -e "$tokenizer" ] || "$saiki" tokenizer train --corpus "$folder/train" --vocab-size 320 --out "$tokenizer"
    "$saiki" data prepare --corpus "$folder/train" --tokenizer "$tokenizer" --out "$folder/data"
  done
}

settings() { # MODEL: what differs from the recipe
  case $1 in
    one) echo "model.num_hidden_layers=3 model.recursion= objective.full_depth=" ;;
    four) ;;
    six) echo "model.recursion= objective.full_depth=" ;;
    wide) echo "model.num_hidden_layers=3 model.recursion= objective.full_depth= model.hidden_size=92 model.intermediate_size=256 model.num_attention_heads=6 model.num_key_value_heads=6" ;;
    *) echo "unknown model $1" >&2 && return 2 ;;
  esac
}

# The names of the tries; each changes one thing in the training of four passes. "combined", which is run by name, makes
# two changes.
tries="base rising uniform sampled injection norms gates no_decay much_decay large_init two_layers early"

# The recipe has losses after every pass since the try "rising" was confirmed; the others have a loss after the last alone.
try_settings() { # TRY
  case $1 in
    rising) return ;;
    combined) echo "model.initializer_range=0.125" && return ;;
    uniform) echo "objective.full_depth.prior=uniform" && return ;;
    sampled) echo "objective.full_depth.share=0.5 objective.full_depth.prior=sampled" && return ;;
    base) ;;
    injection) echo "model.recursion.injection=true" ;;
    norms) echo "model.recursion.step_norms=true" ;;
    gates) echo "model.recursion.step_gates=true" ;;
    no_decay) echo "optimizer.weight_decay=0" ;;
    much_decay) echo "optimizer.weight_decay=0.5" ;;
    large_init) echo "model.initializer_range=0.125" ;;
    two_layers) echo "model.recursion.num_recursions=2" ;;
    early) echo "data.curriculum.accuracy=0.7" ;;
    *) echo "unknown try $1" >&2 && return 2 ;;
  esac
  echo "objective.full_depth="
}

evaluate() { # MODEL DATA RESULT
  [ ! -e "$3" ] || return 0
  "$saiki" eval problems --model "$1" --problems "$2/held-out.jsonl" --problems "$2/longer.jsonl" --json --out "$3.part" \
    >/dev/null
  mv "$3.part" "$3"
}

train() { # FAMILY MODEL SEED RATE CURVE(0 or 1) [TRY]
  local family=$1 model=$2 seed=$3 rate=$4 curve=$5 try=${6:-base}
  local run=$out/runs/$1-$2-$3-$4 easier="" last="" level step
  [ "$steps" = 3000 ] || run+=-$steps
  [ "$try" = base ] || run+=-$try
  [ ! -e "$run/problems.json" ] || return 0
  for level in $(levels "$family"); do
    easier+=${last:+${easier:+,}$last/data}
    last=$out/data/$family/$level
  done
  # shellcheck disable=SC2046
  "$saiki" train --recipe "$root/recipes/problems.yaml" --out "$run" --resume-if-any --set \
    data.dataset="$last/data" "data.curriculum.datasets=[$easier]" data.seed="$seed" optimizer.learning_rate="$rate" schedule.steps="$steps" \
    checkpoint.every_steps=250 checkpoint.keep_last=24 \
    model.vocab_size="$(grep -o '"vocab_size" : [0-9]*' "$last/data/dataset.json" | grep -o '[0-9]*$')" $(settings "$model") \
    $(try_settings "$try")
  if [ "$curve" = 1 ]; then
    for step in $(seq $((steps / 6)) $((steps / 6)) $((steps - 1))); do
      # A saved state of the training has weights, but no configuration.
      [ ! -d "$run/step-$step" ] || cp "$run"/last/{config,generation_config,tokenizer}.json "$run/step-$step"
      [ ! -d "$run/step-$step" ] || evaluate "$run/step-$step" "$last" "$run/problems-$step.json"
    done
  fi
  evaluate "$run/last" "$last" "$run/problems.json"
  rm -rf "$run"/step-* "$run/best" "$run/tensorboard"
}

# What differs from router.yaml. The random depths have about the mean of the gain-taught router at its default effort;
# measured, they were a fourteenth lower than these shares add up to.
router_settings() { # ROUTER
  case $1 in
    gain) ;;
    own_gain) echo "objective.full_depth.router.horizon=1" ;;
    position) echo "model.routing.router_type=position" ;;
    random)
      echo "model.routing.type=random model.routing.capacity=[1,0.48,0.26,0.13] model.routing.router_type=" \
        "model.routing.effort_grid= model.routing.default_effort= objective.full_depth.router=" \
        "schedule.calibrate_tokens=0"
      ;;
    none | hybrid) echo "model.kv_sharing=$1" ;;
    *) echo "unknown router $1" >&2 && return 2 ;;
  esac
}

route() { # FAMILY SEED ROUTER
  local family=$1 seed=$2 router=$3 trunk run last
  trunk=$(ls -d "$out/runs/$family-four-$seed"-*"${TRUNKS:--6000}"/last)
  run=$out/routers/$family-$seed-$router
  last=$out/data/$family/$(levels "$family" | awk '{print $NF}')
  [ ! -e "$run/problems.json" ] || return 0
  # shellcheck disable=SC2046
  "$saiki" train --recipe "$here/router.yaml" --init-from "$trunk" --out "$run" --resume-if-any --set \
    data.dataset="$last/data" data.seed="$seed" $(router_settings "$router")
  evaluate "$run/last" "$last" "$run/problems.json"
}

case $stage in
  data)
    for family in $families; do data "$family"; done
    ;;
  rates)
    data ball
    for rate in 1.5e-3 3e-3 7.5e-4; do
      for model in $models; do train ball "$model" 1 "$rate" 0; done
    done
    ;;
  confirm)
    for family in $families; do
      data "$family"
      for seed in ${*:-11 12 13}; do
        for model in $models; do
          train "$family" "$model" "$seed" "$(awk -v m="$model" '$1 == m {print $2}' "$here/rates.txt")" 1
        done
      done
    done
    ;;
  tries)
    for try in ${TRIES:-$tries}; do
      for seed in ${*:-11 13}; do
        for family in ${FAMILIES:-ball}; do
          data "$family"
          for model in ${MODELS:-four}; do
            train "$family" "$model" "$seed" "$(awk -v m="$model" '$1 == m {print $2}' "$here/rates.txt")" 1 "$try"
          done
        done
      done
    done
    ;;
  router)
    for seed in ${*:-21 22 23}; do
      for router in ${ROUTERS:-gain position random}; do route ball "$seed" "$router"; done
    done
    ;;
  *) echo "the stage must be data, rates, confirm or router, got $stage" >&2 && exit 2 ;;
esac
