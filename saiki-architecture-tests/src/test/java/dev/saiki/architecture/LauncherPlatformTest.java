package dev.saiki.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.testkit.TestProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/// The platform for which the launcher builds, tested with a program in place of Maven that prints its arguments.
@EnabledOnOs(value = OS.LINUX, architectures = "amd64")
class LauncherPlatformTest {

    private static final String GPU = "linux-x86_64-gpu";
    private static final String CPU = "linux-x86_64";

    @TempDir
    Path folder = Path.of("");

    private Path distribution = Path.of("");

    @BeforeEach
    void layOut() throws IOException {
        LauncherCopy launcher = LauncherCopy.in(folder);
        distribution = launcher.distribution();
        launcher.program("bin/mvn", "printf '%s\\n' \"$@\" >>'" + folder + "/maven'");
    }

    /// Runs the launcher, and returns the classifiers of the build if there was one.
    private List<String> classifiers(String platform) throws IOException, InterruptedException {
        Path arguments = folder.resolve("maven");
        Files.deleteIfExists(arguments);
        Map<String, String> variables = new HashMap<>(Map.of(
                "JAVA_HOME",
                folder.resolve("jdk").toString(),
                "PATH",
                folder.resolve("bin") + ":" + System.getenv("PATH")));
        if (!platform.isEmpty()) {
            variables.put("SAIKI_PLATFORM", platform);
        }
        TestProcess.Ended ended =
                LauncherCopy.run(List.of(folder.resolve("saiki").toString(), "doctor"), variables);
        assertThat(ended.exitCode()).as(ended.output()).isZero();
        return Files.exists(arguments)
                ? Files.readString(arguments)
                        .lines()
                        .filter(argument -> argument.contains(".classifier="))
                        .toList()
                : List.of();
    }

    private static List<String> options(String natives, String torch) {
        return List.of("-Dnative.classifier=" + natives, "-Dtorch.classifier=" + torch);
    }

    @Test
    void onlyLibTorchHasABuildForCuda() throws IOException, InterruptedException {
        assertThat(classifiers(GPU)).isEqualTo(options(CPU, GPU));
        assertThat(classifiers(CPU)).isEqualTo(options(CPU, CPU));
    }

    @Test
    void aBuildForCudaStaysUntilAnotherPlatformIsNamed() throws IOException, InterruptedException {
        assertThat(classifiers(GPU)).isNotEmpty();
        assertThat(classifiers("")).isEmpty();
        assertThat(distribution.resolve("built-for")).hasContent(GPU + "\n");
        assertThat(classifiers(CPU)).isEqualTo(options(CPU, CPU));
        assertThat(classifiers("")).isEmpty();
    }

    @Test
    void aBuildForCudaIsRenewedForCuda() throws IOException, InterruptedException {
        assertThat(classifiers(GPU)).isNotEmpty();
        Files.setLastModifiedTime(distribution.resolve("built-for"), FileTime.fromMillis(0));
        Files.createFile(folder.resolve("pom.xml"));
        assertThat(classifiers("")).isEqualTo(options(CPU, GPU));
    }

    @Test
    void aBuildForAnotherMachineIsReplaced() throws IOException, InterruptedException {
        Files.writeString(distribution.resolve("built-for"), "macosx-arm64-gpu\n");
        assertThat(classifiers("")).isEqualTo(options(CPU, CPU));
    }
}
