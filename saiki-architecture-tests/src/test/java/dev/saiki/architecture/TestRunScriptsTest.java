package dev.saiki.architecture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.saiki.testkit.TestProcess;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The scripts around a test run: its times, the skipped tests, and the processes left running.
class TestRunScriptsTest {

    private static final String TIMES = "scripts/test-times.sh";

    @TempDir
    Path folder = Path.of("");

    private TestProcess.Ended bash(Path directory, String script) throws IOException, InterruptedException {
        return TestProcess.run(
                Duration.ofMinutes(1),
                List.of("bash", "-c", script),
                builder -> builder.directory(directory.toFile()).redirectErrorStream(true));
    }

    private void report(String module, String name, String seconds, String cases) throws IOException {
        Path reports = Files.createDirectories(folder.resolve(module + "/target/surefire-reports"));
        Files.writeString(
                reports.resolve("TEST-" + name + ".xml"),
                "<?xml version=\"1.0\"?>\n<testsuite xmlns:xsi=\"x\" name=\"" + name + "\" time=\"" + seconds
                        + "\" tests=\"2\" errors=\"0\">\n" + cases + "\n</testsuite>\n");
    }

    private String times(String arguments) throws IOException, InterruptedException {
        Path script = folder.resolve(TIMES);
        Files.createDirectories(script.getParent());
        Files.copy(Repository.ROOT.resolve(TIMES), script, StandardCopyOption.COPY_ATTRIBUTES);
        TestProcess.Ended ended = bash(folder, "touch -d '1 hour ago' stamp; " + TIMES + " " + arguments + " stamp");
        assertThat(ended.exitCode()).as(ended.output()).isZero();
        return ended.output();
    }

    @Test
    void timesAreSummedByModuleAndPart() throws IOException, InterruptedException {
        report("saiki-a", "x.OneBrowserTest", "12.5", "<testcase name=\"a\" classname=\"x\" time=\"12.5\"/>");
        report("saiki-a", "x.PlainTest", "1.25", "<testcase name=\"whenKilled\" classname=\"x\" time=\"1.0\"/>");
        report("saiki-b", "x.FuzzTest", "3.0", "<testcase name=\"b\" classname=\"x\" time=\"3.0\"/>");
        assertThat(times("--table").lines().map(line -> line.strip().replaceAll(" +", " ")))
                .contains(
                        "13.8 s 4 tests saiki-a",
                        "3.0 s 2 tests saiki-b",
                        "16.8 s 6 tests in all",
                        "12.5 s 2 tests browser",
                        "1.0 s 1 tests kill and go on",
                        "3.0 s 2 tests fuzz",
                        "0.0 s 0 tests promtool",
                        "1.2 s 2 tests x.PlainTest");
    }

    @Test
    void whatWasLeftOutIsSaidOnceForEachReason() throws IOException, InterruptedException {
        String left =
                "<testcase name=\"a\" classname=\"x\" time=\"0\">\n<skipped message=\"it is &apos;away&apos;\"/>\n"
                        + "</testcase>";
        report("saiki-a", "x.OneTest", "0", left + "\n" + left);
        String assumed =
                "<skipped type=\"T\"><![CDATA[org.opentest4j.TestAbortedException: Assumption failed: no disk\n\tat x";
        report("saiki-b", "x.TwoTest", "0", left + "\n" + assumed + "\n]]></skipped>");
        assertThat(times("").lines())
                .containsExactly(
                        "skipped: 1 tests of TwoTest: no disk", "skipped: 3 tests of OneTest TwoTest: it is 'away'");
    }

    @Test
    void whatIsLeftRunningIsNamedAndKilledAndAFailure() throws IOException, InterruptedException {
        assumeTrue(Files.isDirectory(Path.of("/proc/self")), "there is no /proc here");
        String entry = "SAIKI_LEFT=" + folder.getFileName();
        try (TestProcess shell = TestProcess.start(List.of("env", entry, "sh", "-c", "sleep 300 >&2 & echo $!"));
                BufferedReader output = shell.process().inputReader()) {
            String left = output.readLine();
            shell.process().waitFor();
            String check = ". scripts/ci-programs.sh; fail_if_processes_remain " + entry;
            TestProcess.Ended found = bash(Repository.ROOT, check);
            assertThat(found.exitCode()).isEqualTo(1);
            assertThat(found.output()).contains("left running", left + " sleep 300");
            assertThat(bash(Repository.ROOT, check)).isEqualTo(new TestProcess.Ended(0, ""));
        }
    }

    /// The CI's script with a substitute for the build, on a machine that lacks no program.
    private TestProcess.Ended ci(String build) throws IOException, InterruptedException {
        for (String name : List.of(".ci/run", "scripts/ci-programs.sh")) {
            Path target = folder.resolve(name);
            Files.createDirectories(target.getParent());
            Files.copy(Repository.ROOT.resolve(name), target, StandardCopyOption.REPLACE_EXISTING);
        }
        Files.createDirectories(folder.resolve("bin"));
        program("build", build);
        program("scripts/check-release.sh", "echo tried");
        for (String name : List.of("bin/chromium", "bin/promtool", "bin/dpkg-query")) {
            program(name, "printf installed");
        }
        return bash(folder, "PATH=$PWD/bin:$PATH bash .ci/run");
    }

    private void program(String name, String commands) throws IOException {
        Path file = Files.writeString(folder.resolve(name), "#!/bin/sh\n" + commands + "\n");
        assertThat(file.toFile().setExecutable(true)).isTrue();
    }

    @Test
    void theCiTellsWhatTheBuildReturned() throws IOException, InterruptedException {
        TestProcess.Ended ended = ci("echo CI=$CI $*");
        assertThat(ended.exitCode()).isZero();
        assertThat(ended.output()).matches("CI=true\nCI=true release -q\ntried\nrelease: \\d+ s\n");
        assertThat(ci("exit 3")).isEqualTo(new TestProcess.Ended(3, ""));
        assertThat(ci("[ $# -eq 0 ] || exit 4").exitCode()).isEqualTo(4);
    }

    @Test
    void theCiFailsWhenTheBuildLeavesAProcess() throws IOException, InterruptedException {
        assumeTrue(Files.isDirectory(Path.of("/proc/self")), "there is no /proc here");
        TestProcess.Ended ended = ci("[ $# -gt 0 ] || sleep 300 >/dev/null 2>&1 &");
        assertThat(ended.exitCode()).isEqualTo(1);
        assertThat(ended.output()).containsOnlyOnce("left running").contains("sleep 300");
    }
}
