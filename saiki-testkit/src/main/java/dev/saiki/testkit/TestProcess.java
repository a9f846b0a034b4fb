package dev.saiki.testkit;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Stream;

/// A process started by a test, and killed with the test.
///
/// The process and its descendants end when the process is closed, when this JVM ends, and, on Linux with
/// util-linux, when this JVM is killed. {@link ProcessCleanup} ends them at the end of the test, or of the class
/// if the process was started before the first test. Every process of a test is started here; an architecture test
/// checks this rule.
///
/// With coreutils' `env --default-signal` the process receives SIGHUP even if this JVM ignores it, as under `nohup`.
public final class TestProcess implements AutoCloseable {

    /// An environment variable of a process and all its descendants, which identifies descendants that have lost
    /// their parent.
    private static final String MARK = "SAIKI_TEST_PROCESS";

    private static final int SECONDS_TO_END = 20;
    private static final Path PROCESSES = Path.of("/proc");
    private static final List<String> DIES_WITH_US = List.of("setpriv", "--pdeathsig", "KILL");
    private static final List<String> HEARS_HANG_UP = List.of("env", "--default-signal=HUP");

    private static final Set<TestProcess> OPEN = ConcurrentHashMap.newKeySet();
    private static final AtomicInteger LAST = new AtomicInteger();

    /// Linux kills a test's process when the thread that started the process ends; so one thread that never ends
    /// starts all processes.
    private static final ExecutorService STARTER = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("saiki-test-processes").factory());

    private static final List<String> PREFIX = prefix();

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> endAllBut(Set.of()), "saiki-test-processes-end"));
    }

    private final Process process;
    private final String mark;

    private TestProcess(Process process, String mark) {
        this.process = process;
        this.mark = mark;
    }

    /// The output and exit code of an ended process.
    ///
    /// @param exitCode the process's exit code
    /// @param output the process's output
    public record Ended(int exitCode, String output) {}

    /// Starts a process.
    ///
    /// @param command the program and its arguments
    /// @return the process, for the caller to close
    /// @throws IOException if there is no such program
    public static TestProcess start(List<String> command) throws IOException {
        return start(command, _ -> {});
    }

    /// Starts a process.
    ///
    /// @param command the program and its arguments
    /// @param settings sets the process's environment, working folder and streams
    /// @return the process, for the caller to close
    /// @throws IOException if there is no such program
    public static TestProcess start(List<String> command, Consumer<ProcessBuilder> settings) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(
                Stream.concat(PREFIX.stream(), command.stream()).toList());
        settings.accept(builder);
        requireProgram(command.getFirst(), builder.environment().getOrDefault("PATH", ""));
        String mark = ProcessHandle.current().pid() + "-" + LAST.incrementAndGet();
        builder.environment().put(MARK, mark);
        TestProcess started = new TestProcess(startForGood(builder), mark);
        OPEN.add(started);
        return started;
    }

    /// Fails if the program is missing. Without this check, the programs of {@link #PREFIX} would start, and
    /// return 127.
    private static void requireProgram(String program, String path) throws IOException {
        boolean there = program.contains(File.separator)
                ? Files.isExecutable(Path.of(program))
                : Program.onPath(program, path).isPresent();
        if (!there) {
            throw new IOException(program + " is not installed");
        }
    }

    private static Process startForGood(ProcessBuilder builder) throws IOException {
        try {
            return STARTER.submit(builder::start).get();
        } catch (ExecutionException e) {
            throw new IOException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while a process was started", e);
        }
    }

    /// Runs a program to its end.
    ///
    /// @param limit the time limit
    /// @param command the program and its arguments
    /// @return the program's exit code, and its output on both streams
    /// @throws IOException if there is no such program
    /// @throws InterruptedException if the thread is interrupted while it waits
    /// @throws AssertionError if the program takes longer
    public static Ended run(Duration limit, List<String> command) throws IOException, InterruptedException {
        return run(limit, command, builder -> builder.redirectErrorStream(true));
    }

    /// Runs a program to its end.
    ///
    /// @param limit the time limit
    /// @param command the program and its arguments
    /// @param settings sets the process's environment, working folder and streams
    /// @return the program's exit code and output
    /// @throws IOException if there is no such program
    /// @throws InterruptedException if the thread is interrupted while it waits
    /// @throws AssertionError if the program takes longer
    public static Ended run(Duration limit, List<String> command, Consumer<ProcessBuilder> settings)
            throws IOException, InterruptedException {
        try (TestProcess started = start(command, settings)) {
            Process process = started.process();
            process.getOutputStream().close();
            CompletableFuture<String> output = new CompletableFuture<>();
            Thread reader = Thread.ofVirtual().start(() -> output.complete(read(process)));
            boolean inTime = process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
            started.end();
            reader.join();
            if (!inTime) {
                throw new AssertionError(command + " did not finish within " + limit + ": " + output.join());
            }
            return new Ended(process.exitValue(), output.join());
        }
    }

    private static String read(Process process) {
        try {
            return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return e.toString();
        }
    }

    /// Whether started processes receive SIGHUP. Processes do not receive SIGHUP if this JVM ignores the signal
    /// and this machine lacks a program that restores it.
    ///
    /// @return whether started processes receive SIGHUP
    public static boolean hearHangUp() {
        return PREFIX.containsAll(HEARS_HANG_UP) || !ignoresHangUp();
    }

    private static boolean ignoresHangUp() {
        try (Stream<String> status = Files.lines(PROCESSES.resolve("self/status"))) {
            // The lowest bit represents signal 1.
            return status.filter(line -> line.startsWith("SigIgn:"))
                    .anyMatch(line -> (Character.digit(line.charAt(line.length() - 1), 16) & 1) == 1);
        } catch (IOException noProcFileSystem) {
            return false;
        }
    }

    /// The process.
    ///
    /// @return the started process
    public Process process() {
        return process;
    }

    /// Kills the process, if it still runs, and all its descendants.
    @Override
    public void close() {
        end();
    }

    private void end() {
        List<ProcessHandle> family = family();
        for (int round = 0; round < 10 && !family.isEmpty(); round++) {
            family.forEach(ProcessHandle::destroyForcibly);
            family.forEach(TestProcess::awaitEnd);
            family = family();
        }
        OPEN.remove(this);
    }

    private static void awaitEnd(ProcessHandle handle) {
        try {
            handle.onExit().orTimeout(SECONDS_TO_END, TimeUnit.SECONDS).join();
        } catch (RuntimeException stillThere) {
            throw new IllegalStateException("process " + handle.pid() + " did not end when killed", stillThere);
        }
    }

    /// The process and its descendants, as far as they run.
    private List<ProcessHandle> family() {
        List<ProcessHandle> family = new ArrayList<>();
        process.descendants().forEach(family::add);
        family.addAll(marked());
        family.add(process.toHandle());
        family.removeIf(handle -> !handle.isAlive());
        return family.stream().distinct().toList();
    }

    private List<ProcessHandle> marked() {
        List<ProcessHandle> marked = new ArrayList<>();
        if (!Files.isDirectory(PROCESSES)) {
            return marked;
        }
        String entry = "\0" + MARK + "=" + mark + "\0";
        try (DirectoryStream<Path> folders = Files.newDirectoryStream(PROCESSES, "[0-9]*")) {
            for (Path folder : folders) {
                if (("\0" + environment(folder)).contains(entry)) {
                    ProcessHandle.of(Long.parseLong(folder.getFileName().toString()))
                            .ifPresent(marked::add);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return marked;
    }

    private static String environment(Path folder) {
        try {
            return Files.readString(folder.resolve("environ"), StandardCharsets.ISO_8859_1);
        } catch (IOException endedOrNotOurs) {
            return "";
        }
    }

    /// The processes that have not been closed.
    static Set<TestProcess> open() {
        return Set.copyOf(OPEN);
    }

    /// Ends all processes except the given ones.
    static void endAllBut(Set<TestProcess> spared) {
        open().stream().filter(started -> !spared.contains(started)).forEach(TestProcess::close);
    }

    /// The programs that precede each command; each is replaced by the next under the same process id.
    private static List<String> prefix() {
        List<String> prefix = new ArrayList<>();
        for (List<String> part : List.of(DIES_WITH_US, HEARS_HANG_UP)) {
            if (works(part)) {
                prefix.addAll(part);
            }
        }
        return List.copyOf(prefix);
    }

    private static boolean works(List<String> prefix) {
        try {
            Process tried = new ProcessBuilder(
                            Stream.concat(prefix.stream(), Stream.of("true")).toList())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return tried.waitFor(SECONDS_TO_END, TimeUnit.SECONDS) && tried.exitValue() == 0;
        } catch (IOException absent) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
