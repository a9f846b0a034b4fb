package dev.saiki.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class TestProcessTest {

    private static final Duration LIMIT = Duration.ofMinutes(1);

    private static long leftByATest;

    private static TestProcess parent(String ending) throws IOException {
        return TestProcess.start(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                LeavingParent.class.getName(),
                ending));
    }

    private static void awaitEnd(long pid) {
        ProcessHandle.of(pid)
                .ifPresent(handle ->
                        handle.onExit().orTimeout(20, TimeUnit.SECONDS).join());
        assertThat(runs(pid)).isFalse();
    }

    /// Waits until the process runs its own program: before that, the process may not have requested yet to be
    /// killed with its parent.
    private static void awaitProgram(long pid, String onlyArgument) throws InterruptedException {
        long end = System.nanoTime() + LIMIT.toNanos();
        ProcessHandle handle = ProcessHandle.of(pid).orElseThrow();
        while (!handle.info().arguments().map(List::of).equals(Optional.of(List.of(onlyArgument)))) {
            assertThat(System.nanoTime())
                    .as("time at which %d is not yet its program", pid)
                    .isLessThan(end);
            TimeUnit.MILLISECONDS.sleep(5);
        }
    }

    private static boolean runs(long pid) {
        return ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isPresent();
    }

    @ParameterizedTest
    @ValueSource(strings = {"returns", "fails"})
    void aJvmThatEndsLeavesNoProcess(String ending) throws IOException, InterruptedException {
        try (TestProcess parent = parent(ending);
                BufferedReader output = parent.process().inputReader()) {
            long child = Long.parseLong(output.readLine());
            assertThat(parent.process().waitFor()).isEqualTo(ending.equals("fails") ? 1 : 0);
            awaitEnd(child);
        }
    }

    @Test
    void aJvmThatIsKilledLeavesNoProcess() throws IOException, InterruptedException {
        assumeTrue(
                TestProcess.run(LIMIT, List.of("setpriv", "--pdeathsig", "KILL", "true"))
                                .exitCode()
                        == 0,
                "there is no setpriv of util-linux here");
        try (TestProcess parent = parent("waits");
                BufferedReader output = parent.process().inputReader()) {
            long child = Long.parseLong(output.readLine());
            awaitProgram(child, "300");
            parent.process().toHandle().destroyForcibly();
            parent.process().waitFor();
            awaitEnd(child);
        }
    }

    @Test
    void aGrandchildThatHasLostItsParentIsFound() throws IOException, InterruptedException {
        assumeTrue(Files.isDirectory(Path.of("/proc")), "there is no /proc here");
        long grandchild;
        try (TestProcess shell = TestProcess.start(List.of("sh", "-c", "sleep 300 >&2 & echo $!"));
                BufferedReader output = shell.process().inputReader()) {
            grandchild = Long.parseLong(output.readLine());
            shell.process().waitFor();
            assertThat(runs(grandchild)).isTrue();
        }
        awaitEnd(grandchild);
    }

    @Test
    void aProgramThatTakesTooLongIsEnded() {
        assertThatThrownBy(() -> TestProcess.run(Duration.ofMillis(300), List.of("sh", "-c", "echo begun; sleep 300")))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("begun");
    }

    @Test
    void whatAProgramWritesAndReturnsIsTold() throws IOException, InterruptedException {
        assertThat(TestProcess.run(LIMIT, List.of("sh", "-c", "echo out; echo err >&2; exit 3")))
                .isEqualTo(new TestProcess.Ended(3, "out\nerr\n"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"no-such-program", "/no/such/program"})
    void aProgramThatIsNotThereIsNotStarted(String program) {
        assertThatThrownBy(() -> TestProcess.run(LIMIT, List.of(program)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(program);
    }

    @Test
    @Order(1)
    void aTestMayLeaveAProcess() throws IOException {
        leftByATest = TestProcess.start(List.of("sleep", "300")).process().pid();
        assertThat(runs(leftByATest)).isTrue();
    }

    @Test
    @Order(2)
    void andTheNextDoesNotSeeIt() {
        assumeTrue(leftByATest > 0, "only after the test before");
        assertThat(runs(leftByATest)).isFalse();
    }
}
