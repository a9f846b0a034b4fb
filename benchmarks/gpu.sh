#!/usr/bin/env bash
# Checks of training that need a GPU: parity with PyTorch, exact resume, and tokens per second of the shapes 135M and 360M,
# compared with PyTorch, eager and compiled. Nobody has run it yet; docs/scale.md lists the requirements.
#
#   benchmarks/gpu.sh 60 32 989      # steps, rows of 512 tokens in a batch, the GPU's peak in TFLOP/s (bfloat16, dense)
#
# Prints one JSON line per measurement, with the share of the peak (MFU) by the paper's count of FLOPs, which is three times
# the forward FLOPs. PYTHON (default: python3) must have PyTorch with CUDA. A failed test ends the script.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
# shellcheck source=../scripts/find-jdk.sh
. "$root/scripts/find-jdk.sh"
steps=${1:-60}
sequences=${2:-32}
peak=${3:?the peak of the GPU in TFLOP/s}
python=${PYTHON:-python3}
java=$(find_jdk)/bin/java
built=$root/target/cuda

cd "$root"
./build verify -q -Pcuda -pl saiki-train -am -Dtest='GoldenParityTest,ResumeTest' -Dsurefire.failIfNoSpecifiedTests=false \
  -Dsaiki.device=cuda >&2
./build package -q -Pcuda -DskipTests -Dsaiki.distribution.skip=false -Dsaiki.distribution.folder="$built" \
  -pl saiki-cli,saiki-benchmarks -am >&2

# Adds the share of the peak to lines that contain FLOPs; PyTorch's vanilla model has the FLOPs of Saiki's.
with_share_of_peak() {
  "$python" -c '
import json, sys
peak, flops = float(sys.argv[1]) * 1e12, None
for line in sys.stdin:
  measured = json.loads(line)
  flops = measured.get("forward_flops_per_token") if measured["variant"].startswith("vanilla") else flops
  own = measured.get("forward_flops_per_token", flops)
  measured["share_of_peak"] = round(3 * own * measured["median"] / peak, 4)
  print(json.dumps(measured), flush=True)
' "$peak"
}

saiki() { # shape precision model
  "$java" --enable-native-access=ALL-UNNAMED -Dsaiki.device=cuda -Dsaiki.sequences="$sequences" \
    -cp "$root/saiki-benchmarks/target/classes:$built/lib/*" dev.saiki.benchmarks.TrainingSpeed "$1" "$2" 1 "$steps" "$3"
}

pytorch() { # shape variant
  "$python" "$root/benchmarks/pytorch/train_step.py" --device cuda --shape "$1" --variant "$2" --steps "$steps" \
    --sequences "$sequences"
}

for shape in 135m 360m; do
  {
    for precision in float32 bfloat16; do
      saiki "$shape" "$precision" vanilla
    done
    for variant in fp32-sdpa fp32-sdpa-compiled bf16-sdpa bf16-sdpa-compiled; do
      pytorch "$shape" "$variant"
    done
    for model in recursive2 recursive3 mor2 mor3; do
      saiki "$shape" bfloat16 "$model"
    done
  } | with_share_of_peak
done
