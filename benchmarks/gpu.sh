#!/bin/sh
# shellcheck shell=dash
# The acceptance run for a GPU machine: stages that do not depend on each other, the most useful first. It runs in a folder
# that scripts/pack-gpu.sh packed, as run.sh, and needs neither a network nor a JDK. Nobody has run it on a GPU yet.
#
#   ./run.sh [STAGE...]    all stages if none is named
#
#   smoke     doctor, and a training of a few steps
#   parity    losses of the same trainings on the GPU and on the CPU
#   resume    a training on rows of 2,048 tokens, killed and resumed, and an undisturbed one
#   memory    what `saiki describe training` plans for a training, and what it needs
#   speed     tokens per second of the vanilla, recursive and MoR models; time_over_flops of MoR
#   pytorch   the same vanilla shapes in Python's PyTorch; skipped if PYTHON (default: python3) lacks PyTorch
#
# Each stage writes results/STAGE.json, with the verdict passed, failed or skipped, and results/STAGE.log.
#
# Environment: SAIKI_SIZE=small shortens all stages; full is the other size. SAIKI_DEVICE is the device. Their defaults are
# full and cuda with LibTorch for CUDA, otherwise small and cpu. SAIKI_TFLOPS is the GPU's peak (989 for an H100 in
# bfloat16), of which speed then prints the share. SAIKI_STAGE_SECONDS is the longest time of a stage (default 1800).
set -eu

root=$(cd "$(dirname "$0")" && pwd)
results=$root/results
work=$root/work
python=${PYTHON:-python3}
[ -d "$root/lib" ] || { echo "gpu.sh: runs in a folder packed by scripts/pack-gpu.sh" >&2 && exit 2; }
# shellcheck source=../scripts/native-env.sh
. "$root/scripts/native-env.sh"
find_cuda "$root/lib"
keep_freed_memory

device=cpu size=small
for jar in "$root"/lib/pytorch-*-gpu.jar; do
  [ ! -e "$jar" ] || device=cuda size=full
done
device=${SAIKI_DEVICE:-$device}
size=${SAIKI_SIZE:-$size}
case $size in
  small)
    parity_steps=4
    resume_recipe=small-mor3-threshold resume_vocabulary=4096 resume_warmup=warmup_fraction=0.05
    resume_rows=2 resume_steps=6
    memory_recipes='135m-vanilla 135m-mor3-expert' memory_rows=2 memory_length=256
    shapes='small 135m' rows=2 steps=2
    ;;
  full)
    parity_steps=10
    resume_recipe=paper/135m-mor3-expert resume_vocabulary=45056 resume_warmup=warmup_steps=2
    resume_rows=16 resume_steps=20
    memory_recipes='135m-vanilla 135m-mor3-expert 360m-mor3-expert' memory_rows=8 memory_length=2048
    shapes='135m 360m' rows=32 steps=30
    ;;
  *) echo "gpu.sh: SAIKI_SIZE must be small or full, got $size" >&2 && exit 2 ;;
esac

# JavaCPP unpacks LibTorch into the pack's folder, since the home folder may not be writable.
java() {
  exec "$root/runtime/bin/java" --enable-native-access=ALL-UNNAMED --add-modules=jdk.incubator.vector \
    -Dorg.bytedeco.javacpp.cachedir="$root/native" -Dsaiki.device="$device" -Dsaiki.sequences="$rows" \
    -Dsaiki.tflops="${SAIKI_TFLOPS:-0}" -cp "$root/lib/*" "$@"
}

saiki() {
  java dev.saiki.cli.Main "$@"
}

# Keeps what a command prints, one JSON document, as a result of the stage, also if the command fails.
result() { # name, command...
  local name=$1 status=0
  shift
  ("$@") >"$work/$stage/printed" || status=$?
  [ "$status" -gt 1 ] || mv "$work/$stage/printed" "$work/$stage/$name.json"
  return "$status"
}

# Keeps each line that a command prints, a JSON document, as a result.
results_of_lines() { # name, command...
  local name=$1 number=0 line
  shift
  ("$@") >"$work/$stage/printed" || return
  while IFS= read -r line; do
    number=$((number + 1))
    printf '%s\n' "$line" >"$work/$stage/$name-$number.json"
  done <"$work/$stage/printed"
}

# Trains on the dataset with a vocabulary of this size.
train() { # run, device, recipe, vocabulary, key=value...
  local run=$1 on=$2 recipe=$3 vocabulary=$4
  shift 4
  saiki train --json --resume-if-any --recipe "$root/recipes/$recipe.yaml" --out "$work/$stage/$run" \
    --set data.dataset="$root/data/$vocabulary" model.vocab_size="$vocabulary" parallelism.device="$on" \
    metrics.validation_sequences=4 metrics.log_every=1 metrics.tensorboard=false "$@"
}

compare() { # run, run, tolerance
  result "$2" java dev.saiki.benchmarks.RunComparison "$work/$stage/$1" "$work/$stage/$2" "$3"
}

smoke() {
  result doctor saiki doctor --json
  result training train run "$device" small-mor3-threshold 4096 schedule.steps=3
}

# The losses drift apart while weights are trained, since the devices round differently.
same_losses() { # recipe, precision, tolerance
  local name=${1##*/}-$2
  (train "$name-reference" cpu "$1" 4096 schedule.steps="$parity_steps" precision.compute="$2") >&2 &&
    (train "$name" "$device" "$1" 4096 schedule.steps="$parity_steps" precision.compute="$2") >&2 &&
    compare "$name-reference" "$name" "$3"
}

parity() {
  local failures=0 recipe
  for recipe in studies/small-vanilla studies/small-recursive3 studies/small-mor3-expert studies/small-mor3-token \
    small-mor3-threshold; do
    same_losses "$recipe" float32 1e-3 || failures=$((failures + 1))
  done
  same_losses small-mor3-threshold bfloat16 2e-2 || failures=$((failures + 1))
  [ "$failures" -eq 0 ]
}

at_2048() { # run
  train "$1" "$device" "$resume_recipe" "$resume_vocabulary" model.max_position_embeddings=2048 \
    batch.sequence_length=2048 batch.sequences="$resume_rows" batch.micro_batch_sequences=$((resume_rows / 2)) \
    schedule.steps="$resume_steps" schedule."$resume_warmup" checkpoint.every_steps=2
}

# Succeeds if a run has a complete state.
has_state() { # run
  local state
  for state in "$work/$stage/$1"/step-*[0-9]; do
    [ ! -d "$state" ] || return 0
  done
  return 1
}

# Additions by index have no fixed order on a GPU, so the last bits of a resumed run may differ there.
resume() {
  local tolerance=0 training status=0
  [ "$device" = cpu ] || tolerance=1e-3
  (at_2048 undisturbed) >&2
  at_2048 killed >&2 &
  training=$!
  while ! has_state killed && kill -0 "$training"; do sleep 0.1; done
  kill -9 "$training"
  wait "$training" || status=$?
  echo "the training to be killed ended with $status" >&2
  [ "$status" -eq 137 ]
  (at_2048 killed) >&2
  compare undisturbed killed "$tolerance"
}

# Sets `peak` to the largest memory in use on the GPU while a child process runs, in MiB. A subshell would never see the child
# end, since only its parent can remove it.
watch_gpu() { # process
  local used
  peak=0
  while kill -0 "$1" 2>/dev/null; do
    used=$(nvidia-smi --id=0 --query-gpu=memory.used --format=csv,noheader,nounits) || used=0
    [ "$used" -le "$peak" ] || peak=$used
    sleep 0.2
  done
}

memory() {
  local profile=h100 peak=null recipe
  [ "$device" != cpu ] || profile=cpu-zen4-2
  set -- batch.sequence_length="$memory_length" batch.sequences="$memory_rows" \
    batch.micro_batch_sequences="$memory_rows" schedule.steps=3 schedule.warmup_steps=1
  for recipe in $memory_recipes; do
    result "$recipe-planned" saiki describe training --json --recipe "$root/recipes/paper/$recipe.yaml" \
      --device "$profile" --processes 1 --set model.vocab_size=45056 "$@"
    train "$recipe" "$device" "paper/$recipe" 45056 "$@" >&2 &
    [ "$device" = cpu ] || watch_gpu $!
    wait $!
    printf '{"gpu_peak_mebibytes": %s, "last_step": %s}\n' "$peak" \
      "$(tail -n 1 "$work/$stage/$recipe/metrics.jsonl")" >"$work/$stage/$recipe-measured.json"
  done
}

speed() {
  local shape
  for shape in $shapes; do
    results_of_lines "$shape" java dev.saiki.benchmarks.TrainingSpeed "$shape" bfloat16 1 "$steps" recursive3 mor3 vanilla
  done
}

pytorch() {
  local shape variant
  "$python" -c 'import torch' || exit 77
  for shape in $shapes; do
    for variant in bf16-sdpa bf16-sdpa-compiled; do
      results_of_lines "$shape-$variant" "$python" "$root/benchmarks/pytorch/train_step.py" --device "$device" \
        --shape "$shape" --variant "$variant" --steps "$steps" --sequences "$rows"
    done
  done
}

# Writes the JSON of a stage from its results.
write_json() { # stage, verdict, seconds
  printf '{"stage": "%s", "verdict": "%s", "seconds": %s, "device": "%s", "size": "%s", "results": {' "$1" "$2" "$3" \
    "$device" "$size"
  local comma='' file name
  for file in "$work/$1"/*.json; do
    [ -s "$file" ] || continue
    name=${file##*/}
    printf '%s\n"%s": ' "$comma" "${name%.json}"
    cat "$file"
    comma=,
  done
  printf '}}\n'
}

if [ "${1:-}" = --stage ]; then
  stage=$2
  case $stage in
    smoke) smoke ;;
    parity) parity ;;
    resume) resume ;;
    memory) memory ;;
    speed) speed ;;
    pytorch) pytorch ;;
    *) echo "gpu.sh: no stage $stage" >&2 && exit 2 ;;
  esac
  exit
fi

mkdir -p "$results"
failed=0
[ $# -gt 0 ] || set -- smoke parity resume memory speed pytorch
for stage in "$@"; do
  rm -rf "${work:?}/$stage"
  mkdir -p "$work/$stage"
  started=$(date +%s)
  status=0
  timeout -k 10 "${SAIKI_STAGE_SECONDS:-1800}" sh "$0" --stage "$stage" 2>"$results/$stage.log" || status=$?
  case $status in
    0) verdict=passed ;;
    77) verdict=skipped ;;
    *) verdict=failed failed=1 ;;
  esac
  write_json "$stage" "$verdict" "$(($(date +%s) - started))" >"$results/$stage.json"
  rm -rf "${work:?}/$stage"
  echo "$stage: $verdict after $(($(date +%s) - started)) s, in $results/$stage.json" >&2
  [ "$verdict" != failed ] || tail -n 5 "$results/$stage.log" >&2
done
exit "$failed"
