#!/usr/bin/env bash
# Compares Saiki's engine with two other engines for the JVM, in turn: a model of Llama 3.2's 1B shape with random weights, one
# sequence, 2 threads, prompts of about 128 tokens. Llama3.java reads the same GGUF files; Jlama reads a Hugging Face folder,
# which it quantizes itself, and multiplies through its native library. Nothing else should run meanwhile.
#
#   benchmarks/llama/jvm.sh FOLDER LLAMA3_CLASSES JLAMA_CLASSPATH ROUNDS
#
# FOLDER has 1b-q8_0.gguf, 1b-q4_0.gguf, 1b-q4_k_m.gguf (make_gguf.py) and 1b-hf, from `saiki import` of 1b-bf16.gguf and
# `saiki export --format hf`. LLAMA3_CLASSES is Llama3.java compiled with `javac --add-modules jdk.incubator.vector`, and
# JLAMA_CLASSPATH com.github.tjake:jlama-core:0.8.4 with jlama-native:linux-x86_64.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
folder=${1:?the folder with the models} llama3=${2:?the classes of Llama3.java} jlama=${3:?the class path of Jlama}
# shellcheck source=../../scripts/find-jdk.sh
. "$root/scripts/find-jdk.sh"
java=$(find_jdk)/bin/java
options=(--add-modules jdk.incubator.vector --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cat >"$work/JlamaSpeed.java" <<'JAVA'
import com.github.tjake.jlama.model.ModelSupport;
import com.github.tjake.jlama.safetensors.DType;
import com.github.tjake.jlama.safetensors.SafeTensorSupport;
import com.github.tjake.jlama.safetensors.prompt.PromptContext;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;

void main(String[] args) throws Exception {
    Path quantized = Path.of(args[1]);
    if (!Files.exists(quantized)) {
        SafeTensorSupport.quantizeModel(
                Path.of(args[0]), DType.Q4, new String[0], new String[0], Optional.of(quantized));
    }
    var model = ModelSupport.loadModel(quantized.toFile(), DType.F32, DType.I8);
    for (int round = 0; round < 3; round++) {
        var written = model.generate(UUID.randomUUID(), PromptContext.of("x".repeat(128)), 0, 176, (text, time) -> {});
        System.out.printf(
                "prompt: %.2f tokens/s generation: %.2f tokens/s%n",
                1000.0 * written.promptTokens / written.promptTimeMs,
                1000.0 * written.generatedTokens / written.generateTimeMs);
    }
    System.exit(0);
}
JAVA
touch "$folder/1b-hf/README.md" # Jlama's quantizer copies it

for _ in $(seq "${4:-1}"); do
  for type in q8_0 q4_0 q4_k_m; do
    "$java" "${options[@]}" -Djdk.incubator.vector.VECTOR_ACCESS_OOB_CHECK=0 -cp "$llama3" com.llama4j.Llama3 \
      -m "$folder/1b-$type.gguf" -p "$(printf 'x%.0s' $(seq 110))" -n 176 --temperature 0 --stream false 2>&1 |
      grep -a -o 'prompt: .*' | sed "s/^/Llama3.java $type /"
    [ -d "$folder/1b-$type" ] || "$root/saiki" import "$folder/1b-$type.gguf" --out "$folder/1b-$type" >&2
    for measure in "decode --sequences 1 --tokens 48" prefill; do
      # shellcheck disable=SC2086
      "$root/saiki" bench $measure --model "$folder/1b-$type" --threads 2 --rounds 2 --json --prompt-tokens 128 2>/dev/null |
        sed "s/^/Saiki $type /"
    done
  done
  "$java" "${options[@]}" -Xmx12g -cp "$jlama" "$work/JlamaSpeed.java" "$folder/1b-hf" "$folder/1b-jlama-q4" 2>/dev/null |
    sed 's/^/Jlama q4 /'
done
