package dev.saiki.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.testkit.TestProcess.Ended;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The stages of `benchmarks/gpu.sh`, in a folder laid out as by `scripts/pack-gpu.sh`, with a program in place of Java
/// that knows doctor and the measurement of speed only.
@EnabledOnOs(OS.LINUX)
class AcceptanceRunTest {

    @TempDir
    Path folder = Path.of("");

    @BeforeEach
    void layOut() throws IOException {
        Files.createDirectories(folder.resolve("lib"));
        Files.createDirectories(folder.resolve("scripts"));
        Files.copy(
                Repository.ROOT.resolve("benchmarks/gpu.sh"),
                folder.resolve("run.sh"),
                StandardCopyOption.COPY_ATTRIBUTES);
        Files.copy(
                Repository.ROOT.resolve("scripts/native-env.sh"),
                folder.resolve("scripts").resolve("native-env.sh"));
        new LauncherCopy(folder).program("runtime/bin/java", """
                case "$*" in
                  *TrainingSpeed*) printf '{"variant": 1}\\n{"variant": 2}\\n' ;;
                  *doctor*) printf '{\\n"gpu": {}\\n}\\n' ;;
                  *) echo 'no such command' >&2; exit 1 ;;
                esac""");
    }

    private Ended run(String... stages) throws IOException, InterruptedException {
        List<String> command =
                new ArrayList<>(List.of("sh", folder.resolve("run.sh").toString()));
        command.addAll(List.of(stages));
        return LauncherCopy.run(
                command, Map.of("PYTHON", "false", "PATH", folder.resolve("bin") + ":" + System.getenv("PATH")));
    }

    private JsonNode result(String stage) throws IOException {
        return JsonMapper.shared()
                .readTree(Files.readString(folder.resolve("results").resolve(stage + ".json")));
    }

    @Test
    void everyStageWritesItsResultsAfterAnotherHasFailed() throws IOException, InterruptedException {
        Ended ended = run("smoke", "parity", "resume", "memory", "speed", "pytorch");
        assertThat(ended.exitCode()).as(ended.output()).isEqualTo(1);
        assertThat(ended.output()).contains("no such command");
        for (String stage : List.of("smoke", "parity", "resume", "memory")) {
            assertThat(result(stage).get("verdict").asString()).isEqualTo("failed");
        }
        assertThat(result("smoke").at("/results/doctor/gpu").isObject()).isTrue();
        JsonNode speed = result("speed");
        assertThat(speed.get("verdict").asString()).isEqualTo("passed");
        assertThat(speed.get("device").asString()).isEqualTo("cpu");
        assertThat(speed.at("/results/small-2/variant").asInt()).isEqualTo(2);
        assertThat(result("pytorch").get("verdict").asString()).isEqualTo("skipped");
    }

    @Test
    void theJarOfLibTorchChoosesTheDevice() throws IOException, InterruptedException {
        Files.createFile(folder.resolve("lib").resolve("pytorch-2.10.0-linux-x86_64-gpu.jar"));
        assertThat(run("speed").exitCode()).isZero();
        assertThat(result("speed").get("device").asString()).isEqualTo("cuda");
        assertThat(result("speed").get("size").asString()).isEqualTo("full");
    }

    @Test
    void theLargestMemoryOfTheGpuIsMeasuredUntilTheTrainingEnds() throws IOException, InterruptedException {
        LauncherCopy launcher = new LauncherCopy(folder);
        Files.createFile(folder.resolve("lib").resolve("pytorch-2.10.0-linux-x86_64-gpu.jar"));
        launcher.program("bin/nvidia-smi", "echo 512");
        launcher.program("runtime/bin/java", """
                case "$*" in
                  *describe*) echo '{}' ;;
                  *) while [ "$1" != --out ]; do shift; done; mkdir "$2"; echo '{"step": 3}' >"$2/metrics.jsonl" ;;
                esac""");
        Ended ended = run("memory");
        assertThat(ended.exitCode()).as(ended.output()).isZero();
        JsonNode measured = result("memory").at("/results/135m-vanilla-measured");
        assertThat(measured.get("gpu_peak_mebibytes").asInt()).isEqualTo(512);
        assertThat(measured.at("/last_step/step").asInt()).isEqualTo(3);
    }

    @Test
    void inACloneItAsksForAPack() throws IOException, InterruptedException {
        Files.delete(folder.resolve("lib"));
        Ended ended = run("speed");
        assertThat(ended.exitCode()).isEqualTo(2);
        assertThat(ended.output()).contains("scripts/pack-gpu.sh");
    }
}
