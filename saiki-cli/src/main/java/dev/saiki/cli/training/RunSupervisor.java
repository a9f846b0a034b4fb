package dev.saiki.cli.training;

import dev.saiki.cli.terminal.Console;
import dev.saiki.cli.terminal.ExitCode;
import dev.saiki.cli.terminal.ShutdownListener;
import dev.saiki.train.RunDirectory;
import dev.saiki.train.parallel.LaunchEnvironment;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/// The supervisor of a run whose processes are all on this machine: it starts the processes, and if one
/// fails, restarts all from the newest complete state.
///
/// Each process detects by itself that another one has ended, and ends with a message. The supervisor gives up
/// after too many failures in a row without a newly saved state between them.
final class RunSupervisor {

    /// The time limit for the other processes to detect and report that one was killed. The limit is short, since
    /// they have nothing left to save.
    private static final Duration AFTER_A_SIGNAL = Duration.ofSeconds(4);

    /// The time limit for the other processes to end after one of them has detected and reported the failure.
    private static final Duration AFTER_A_MESSAGE = Duration.ofSeconds(1);

    private final Console console;
    private final List<String> arguments;
    private final RunDirectory folder;
    private final int processes;
    private final int restarts;
    private final List<RankProcess> running = new ArrayList<>();
    private boolean stopRequested;

    /// Makes a supervisor without starting anything.
    ///
    /// @param arguments the arguments of the command that each process runs, without `--resume-if-any`
    /// @param folder the folder of the run
    /// @param processes number of processes
    /// @param restarts number of failures in a row that are tolerated, where a newly saved state ends a row
    RunSupervisor(Console console, List<String> arguments, RunDirectory folder, int processes, int restarts) {
        this.console = console;
        this.arguments = List.copyOf(arguments);
        this.folder = folder;
        this.processes = processes;
        this.restarts = restarts;
    }

    /// Runs the training to its end.
    ///
    /// @param resume whether the first start resumes the run in the folder
    /// @return the exit code
    int run(boolean resume) throws IOException {
        try (ShutdownListener _ = ShutdownListener.listen(this::requestStop)) {
            long saved = newestState();
            int failures = 0;
            boolean resumes = resume;
            while (true) {
                start(resumes);
                awaitEnd();
                int code = exitCode();
                if (code != ExitCode.FAILED || isStopRequested()) {
                    printMistake(code);
                    return code;
                }
                long newest = newestState();
                failures = newest > saved ? 1 : failures + 1;
                saved = newest;
                printFailure(failures, newest);
                if (failures > restarts) {
                    return code;
                }
                resumes = true;
            }
        }
    }

    private synchronized void requestStop() {
        stopRequested = true;
        running.forEach(RankProcess::requestStop);
    }

    private synchronized boolean isStopRequested() {
        return stopRequested;
    }

    private synchronized void start(boolean resume) throws IOException {
        List<String> command = new ArrayList<>(arguments);
        if (resume) {
            command.add("--resume-if-any");
        }
        int port = freePort();
        running.clear();
        if (stopRequested) {
            return;
        }
        for (int rank = 0; rank < processes; rank++) {
            running.add(RankProcess.start(command, rank, LaunchEnvironment.ofLocal(rank, processes, port)));
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /// Waits until all processes have ended. After a failure, the other processes get a short time limit.
    private void awaitEnd() {
        while (running.stream().noneMatch(RankProcess::hasFailed)) {
            CompletableFuture<?>[] ends = running.stream()
                    .filter(RankProcess::isAlive)
                    .map(RankProcess::onExit)
                    .toArray(CompletableFuture<?>[]::new);
            if (ends.length == 0) {
                return;
            }
            CompletableFuture.anyOf(ends).join();
        }
        RankProcess.awaitEnd(running, AFTER_A_SIGNAL, AFTER_A_MESSAGE);
    }

    private int exitCode() {
        if (running.stream().anyMatch(rank -> rank.exitCode() == ExitCode.WRONG_USE)) {
            return ExitCode.WRONG_USE;
        }
        if (running.isEmpty() || running.stream().anyMatch(RankProcess::hasFailed)) {
            return ExitCode.FAILED;
        }
        return running.getFirst().exitCode();
    }

    /// Prints a mistake of the user found by a process other than the first; the first process prints its own
    /// messages.
    private void printMistake(int code) {
        if (code == ExitCode.WRONG_USE && running.getFirst().exitCode() != code) {
            running.stream()
                    .filter(rank -> rank.exitCode() == code)
                    .findFirst()
                    .ifPresent(rank -> rank.messages().forEach(console.err()::println));
        }
    }

    private void printFailure(int failures, long newest) {
        List<RankProcess> failed = running.stream()
                .filter(rank -> rank.hasFailed() && !rank.wasKilled())
                .toList();
        if (running.getFirst().exitCode() != ExitCode.FAILED) {
            failed.stream()
                    .filter(rank -> !rank.messages().isEmpty())
                    .findFirst()
                    .ifPresent(rank -> rank.messages().forEach(console.err()::println));
        }
        String ends = String.join(", ", failed.stream().map(RankProcess::end).toList());
        String place = newest < 0 ? "the beginning" : "step " + newest;
        String next = failures > restarts
                ? "giving up; --resume continues from " + place
                : "starting " + processes + " processes again from " + place;
        console.err().println("saiki: " + ends + "; " + next);
        console.err().flush();
    }

    private long newestState() throws IOException {
        return Files.isDirectory(folder.path())
                ? folder.states().stream().mapToLong(Long::longValue).max().orElse(-1)
                : -1;
    }
}
