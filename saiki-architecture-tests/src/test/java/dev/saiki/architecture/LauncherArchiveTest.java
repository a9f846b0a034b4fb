package dev.saiki.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.testkit.TestProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The options that the launcher passes to Java, tested with a program in place of Java that prints them.
class LauncherArchiveTest {

    @TempDir
    Path folder = Path.of("");

    private Path distribution = Path.of("");
    private Path archive = Path.of("");

    @BeforeEach
    void layOut() throws IOException {
        LauncherCopy launcher = LauncherCopy.in(folder);
        distribution = launcher.distribution();
        archive = distribution.resolve("start.jsa");
        Files.writeString(distribution.resolve("built-for"), "here\n");
        Files.writeString(archive, "classes");
        Files.writeString(distribution.resolve("start.for"), launcher.jdk() + "\n" + LauncherCopy.RELEASE);
    }

    private List<String> optionsOf(String javaOptions, String... command) throws IOException, InterruptedException {
        List<String> words = new ArrayList<>(List.of(folder.resolve("saiki").toString()));
        words.addAll(List.of(command));
        TestProcess.Ended ended = LauncherCopy.run(
                words,
                Map.of(
                        "JAVA_HOME",
                        folder.resolve("jdk").toString(),
                        "SAIKI_PLATFORM",
                        "here",
                        "SAIKI_JAVA_OPTIONS",
                        javaOptions));
        assertThat(ended.exitCode()).as(ended.output()).isZero();
        List<String> lines = ended.output().lines().toList();
        assertThat(lines).contains("dev.saiki.cli.Main");
        return lines;
    }

    private String archiveOption() {
        return "-XX:SharedArchiveFile=" + archive;
    }

    @Test
    void theArchiveIsForTheJdkThatMadeIt() throws IOException, InterruptedException {
        assertThat(optionsOf("", "generate")).contains(archiveOption(), "-Xlog:cds*=off,aot*=off");
        assertThat(optionsOf("-Xmx2g", "describe")).contains(archiveOption(), "-Xmx2g");
    }

    @Test
    void anotherJdkGoesWithoutIt() throws IOException, InterruptedException {
        Files.writeString(folder.resolve("jdk").resolve("release"), LauncherCopy.RELEASE.replace("+9", "+10"));
        assertThat(optionsOf("", "generate")).noneMatch(option -> option.contains("Archive"));
        Files.writeString(folder.resolve("jdk").resolve("release"), LauncherCopy.RELEASE);
        Files.delete(archive);
        assertThat(optionsOf("", "generate")).noneMatch(option -> option.contains("Archive"));
    }

    @Test
    void aJavaThatLiesInTheDistributionMovesWithIt() throws IOException, InterruptedException {
        Path unpacked = folder.resolve("saiki-0.1.0");
        for (String name : List.of("start.sh", "native-env.sh", "find-jdk.sh")) {
            Path target = unpacked.resolve("scripts").resolve(name);
            Files.createDirectories(target.getParent());
            Files.copy(Repository.ROOT.resolve("scripts").resolve(name), target);
        }
        Path command = Files.createDirectories(unpacked.resolve("bin")).resolve("saiki");
        Files.copy(Repository.ROOT.resolve("scripts/archive-saiki.sh"), command, StandardCopyOption.COPY_ATTRIBUTES);
        Files.move(folder.resolve("jdk"), unpacked.resolve("runtime"));
        Path classes = Files.writeString(unpacked.resolve("start.jsa"), "classes");
        Files.writeString(unpacked.resolve("start.for"), "runtime\n" + LauncherCopy.RELEASE);
        TestProcess.Ended ended = LauncherCopy.run(List.of(command.toString(), "describe"), Map.of());
        assertThat(ended.exitCode()).as(ended.output()).isZero();
        assertThat(ended.output().lines()).contains("-XX:SharedArchiveFile=" + classes);
    }

    @ParameterizedTest
    @ValueSource(strings = {"-Xshare:off", "-XX:AOTCache=own.aot", "-XX:SharedArchiveFile=own.jsa"})
    void whatTheUserSaysAboutArchivesHolds(String own) throws IOException, InterruptedException {
        assertThat(optionsOf(own, "generate")).contains(own).doesNotContain(archiveOption());
    }

    @ParameterizedTest
    @ValueSource(strings = {"generate", "describe", "--version"})
    void theUsersCollectorIsTheOnlyOne(String command) throws IOException, InterruptedException {
        assertThat(optionsOf("", command)).contains("-XX:+UseSerialGC");
        assertThat(optionsOf("-XX:+UseZGC", command)).contains("-XX:+UseZGC").doesNotContain("-XX:+UseSerialGC");
        assertThat(optionsOf("", "train")).noneMatch(option -> option.endsWith("GC"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"generate", "serve", "pilot", "study", "help"})
    void theVectorApiIsLoadedWhenItIsNeededAndNotBefore(String command) throws IOException, InterruptedException {
        assertThat(optionsOf("", command))
                .contains("--add-exports=java.base/jdk.internal.module=ALL-UNNAMED")
                .noneMatch(option -> option.contains("jdk.incubator.vector") && option.startsWith("--"));
    }

    @Test
    void aGenerationCompilesWhatItNeedsFirstUnlessTheUserSaysOtherwise() throws IOException, InterruptedException {
        Path processor = Path.of("/proc/cpuinfo");
        boolean hasKernelsInC =
                Files.isReadable(processor) && Files.readString(processor).contains(" avx512_vnni");
        String first = hasKernelsInC
                ? "-XX:Tier4InvocationThreshold=250000"
                : "-XX:CompileCommand=CompileThresholdScaling,dev.saiki.engine.kernel.*::*,0.05";
        String own = "-XX:+UsePerfData";
        assertThat(optionsOf(own, "generate")).contains(first).containsSubsequence("-XX:-UsePerfData", own);
        assertThat(optionsOf("", "serve")).doesNotContain(first);
    }

    @Test
    void jarsOfEveryStartAreFirstOnOneClassPath() throws IOException, InterruptedException {
        Path lib = Files.createDirectories(distribution.resolve("lib"));
        for (String jar :
                List.of("another.jar", "Zstd.jar", "picocli-1.jar", "saiki-cli-1.jar", "saiki-engine-1.jar")) {
            Files.createFile(lib.resolve(jar));
        }
        List<String> options = optionsOf("", "describe");
        assertThat(options.get(options.indexOf("-cp") + 1))
                .isEqualTo(lib + "/saiki-cli-1.jar:" + lib + "/saiki-engine-1.jar:" + lib + "/picocli-1.jar:" + lib
                        + "/Zstd.jar:" + lib + "/another.jar");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "garbage"})
    void javaSaysNothingAboutAnArchiveThatIsNone(String content) throws IOException, InterruptedException {
        Files.writeString(archive, content);
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        TestProcess.Ended ended = LauncherCopy.run(
                List.of(java.toString(), archiveOption(), "-Xlog:cds*=off,aot*=off", "--version"), Map.of());
        assertThat(ended.exitCode()).isZero();
        assertThat(ended.output()).doesNotContain("archive");
    }
}
