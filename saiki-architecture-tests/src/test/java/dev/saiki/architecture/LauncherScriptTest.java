package dev.saiki.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.testkit.TestProcess;
import dev.saiki.testkit.TestProcess.Ended;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The scripts that find a JDK, tested on folders that look like JDKs.
class LauncherScriptTest {

    @TempDir
    Path folder = Path.of("");

    private static Ended bash(String script) throws IOException, InterruptedException {
        return TestProcess.run(Duration.ofSeconds(30), List.of("bash", "-c", script), builder -> {
            builder.directory(Repository.ROOT.toFile()).redirectErrorStream(true);
            builder.environment().remove("JAVA_HOME");
        });
    }

    private Path jdk(String name, String version, String... programs) throws IOException {
        Path home = folder.resolve(name);
        Files.createDirectories(home.resolve("bin"));
        Files.writeString(home.resolve("release"), "IMPLEMENTOR=\"x\"\nJAVA_VERSION=\"" + version + "\"\n");
        for (String program : programs) {
            Path file = Files.writeString(home.resolve("bin").resolve(program), "#!/bin/sh\n");
            assertThat(file.toFile().setExecutable(true)).isTrue();
        }
        return home;
    }

    private static Ended findAmong(Path... homes) throws IOException, InterruptedException {
        String candidates =
                String.join("\\n", List.of(homes).stream().map(Path::toString).toList());
        return bash(". scripts/find-jdk.sh; jdk_candidates() { printf '" + candidates + "\\n'; }; find_jdk");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "saiki",
                "build",
                "scripts/release.sh",
                "scripts/start.sh",
                "scripts/class-archive.sh",
                "scripts/archive-saiki.sh",
                "scripts/archive-layout.sh",
                "scripts/native-env.sh",
                "scripts/pack-gpu.sh",
                "scripts/unpack.sh",
                "benchmarks/gpu.sh",
                "scripts/image-base.sh",
                "scripts/check-release.sh",
                "scripts/find-jdk.sh",
                "scripts/test-times.sh",
                "scripts/ci-programs.sh",
                ".ci/run"
            })
    void scriptsCanBeRead(String script) throws IOException, InterruptedException {
        assertThat(bash("bash -n " + script)).isEqualTo(new Ended(0, ""));
        assertThat(Repository.ROOT.resolve(script)).isRegularFile();
    }

    @ParameterizedTest
    @CsvSource({
        "25.0.3, 0",
        "25.0.2, 1",
        "25, 1",
        "25.0.10+3-LTS, 0",
        "26-ea, 0",
        "26.0.1, 0",
        "17.0.21, 1",
        "1.8.0_402, 1",
        "'', 1",
        "nonsense, 1"
    })
    void versionsAreComparedAsNumbers(String version, int exitCode) throws IOException, InterruptedException {
        assertThat(bash(". scripts/find-jdk.sh; version_at_least '" + version + "' 25.0.3")
                        .exitCode())
                .isEqualTo(exitCode);
    }

    @Test
    void theFirstSuitableJdkIsTaken() throws IOException, InterruptedException {
        Path old = jdk("old", "17.0.21", "java", "javac");
        Path withoutCompiler = jdk("runtime", "25.0.3", "java");
        Path good = jdk("good one", "25.0.3", "java", "javac");
        Path better = jdk("better", "26.0.1", "java", "javac");
        assertThat(findAmong(old, withoutCompiler, good, better)).isEqualTo(new Ended(0, good + "\n"));
    }

    @Test
    void withoutAJdkThereIsAWayToGetOne() throws IOException, InterruptedException {
        Path old = jdk("old", "17.0.21", "java", "javac");
        Ended ended = findAmong(old, folder.resolve("absent"));
        assertThat(ended.exitCode()).isEqualTo(2);
        assertThat(ended.output()).contains("25.0.3", old + " (version 17.0.21)", "adoptium", "JAVA_HOME");
    }

    @Test
    void linksAreFollowedToTheJdk() throws IOException, InterruptedException {
        Path good = jdk("good", "25.0.3", "java", "javac");
        Path links = Files.createDirectories(folder.resolve("links"));
        Files.createSymbolicLink(links.resolve("java"), good.resolve("bin").resolve("java"));
        Ended ended = bash(". scripts/find-jdk.sh; PATH='" + links + "':$PATH home_of_java_on_path");
        assertThat(ended.output().strip()).isEqualTo(good.toRealPath().toString());
    }
}
