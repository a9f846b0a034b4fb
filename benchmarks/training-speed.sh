#!/usr/bin/env bash
# Training speed of Saiki and of the same model in Python PyTorch, one after the other on this machine.
# Prints JSON lines; nothing else should run meanwhile.
#
#   apt-get install python3-torch libopenblas0-pthread g++   # Debian's PyTorch, its BLAS, and a compiler for torch.compile
#   ./saiki --version && ./build package -DskipTests         # the libraries, and the benchmark itself
#   benchmarks/training-speed.sh small 20    # shape (small or 135m) and measured steps
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
# shellcheck source=../scripts/find-jdk.sh
. "$root/scripts/find-jdk.sh"
shape=${1:-small}
steps=${2:-20}
java=$(find_jdk)/bin/java

# Runs a command in the environment in which the launcher trains, which keeps freed memory.
as_training() {
  (
    # shellcheck source=../scripts/native-env.sh
    . "$root/scripts/native-env.sh"
    keep_freed_memory
    exec "$@"
  )
}

saiki() { # precision workers model...
  as_training "$java" --enable-native-access=ALL-UNNAMED \
    -cp "$root/saiki-benchmarks/target/classes:$root/saiki-cli/target/saiki/lib/*" \
    dev.saiki.benchmarks.TrainingSpeed "$shape" "$1" "$2" "$steps" "${@:3}"
}

pytorch() { # variant
  /usr/bin/python3 "$root/benchmarks/pytorch/train_step.py" --shape "$shape" --variant "$1" --steps "$steps" \
    --threads "$(nproc)" --blas-threads 1 "${@:2}"
}

saiki float32 2 vanilla
pytorch fp32-sdpa --passive-wait
/usr/bin/python3 "$root/benchmarks/pytorch/train_step.py" --shape "$shape" --variant fp32-sdpa --steps "$steps" --threads 1
pytorch bf16-explicit
as_training /usr/bin/python3 "$root/benchmarks/pytorch/train_step.py" --shape "$shape" --variant bf16-explicit \
  --steps "$steps" --threads "$(nproc)" --blas-threads 1 --passive-wait # with freed memory kept, as Saiki
saiki bfloat16 2 vanilla
pytorch autocast-explicit
pytorch autocast-explicit-compiled
pytorch bf16-explicit-compiled
saiki bfloat16 2 vanilla
# Mixture-of-Recursions against the recursive model of fixed depth, taking turns step by step.
saiki bfloat16 2 recursive2 mor2
saiki bfloat16 2 recursive3 mor3
saiki float32 2 recursive3 mor3
