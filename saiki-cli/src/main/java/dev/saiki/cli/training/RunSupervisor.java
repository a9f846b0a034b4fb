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

/// The supervisor of a run whose processes are all on this machine: it starts them, and starts them again
/// from the newest whole state if one of them fails.
///
/// Processes notice by themselves that another one has gone, and end with a message. A failure is one too
/// many if the run has saved nothing since the last few.
final class RunSupervisor {

    /// What the others need to find out who was killed, and to say so. There is nothing that they could still save.
    private static final Duration AFTER_A_SIGNAL = Duration.ofSeconds(4);

    /// What the others have when one of them has found out, and said so.
    private static final Duration AFTER_A_MESSAGE = Duration.ofSeconds(1);

    private final Console console;
    private final List<String> arguments;
    private final RunDirectory folder;
    private final int processes;
    private final int restarts;
    private final List<RankProcess> running = new ArrayList<>();
    private boolean stopRequested;

    /// Makes a supervisor; nothing happens yet.
    ///
    /// @param arguments of the command that each process runs, but for `--resume`
    /// @param folder of the run
    /// @param processes how many
    /// @param restarts failures in a row, without a state saved between them, that are borne
    RunSupervisor(Console console, List<String> arguments, RunDirectory folder, int processes, int restarts) {
        this.console = console;
        this.arguments = List.copyOf(arguments);
        this.folder = folder;
        this.processes = processes;
        this.restarts = restarts;
    }

    /// Runs to the end.
    ///
    /// @param resume whether the first start goes on with what is in the folder
    /// @return the exit code
    int run(boolean resume) throws IOException {
        try (ShutdownListener _ = ShutdownListener.listen(this::requestStop)) {
            long saved = newestState();
            int fruitless = 0;
            boolean goOn = resume;
            while (true) {
                start(goOn);
                awaitEnd();
                int code = exitCode();
                if (code != ExitCode.FAILED || isStopRequested()) {
                    tellMistake(code);
                    return code;
                }
                long newest = newestState();
                fruitless = newest > saved ? 1 : fruitless + 1;
                saved = newest;
                tellFailure(fruitless, newest);
                if (fruitless > restarts) {
                    return code;
                }
                goOn = true;
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

    /// Waits until all have ended; once one has failed, the others are given a moment.
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

    /// Says what another process than the first has found wrong, which speaks for itself.
    private void tellMistake(int code) {
        if (code == ExitCode.WRONG_USE && running.getFirst().exitCode() != code) {
            running.stream()
                    .filter(rank -> rank.exitCode() == code)
                    .findFirst()
                    .ifPresent(rank -> rank.messages().forEach(console.err()::println));
        }
    }

    private void tellFailure(int fruitless, long newest) {
        List<RankProcess> failed = running.stream()
                .filter(rank -> rank.hasFailed() && !rank.wasEnded())
                .toList();
        if (running.getFirst().exitCode() != ExitCode.FAILED) {
            failed.stream()
                    .filter(rank -> !rank.messages().isEmpty())
                    .findFirst()
                    .ifPresent(rank -> rank.messages().forEach(console.err()::println));
        }
        String ends = String.join(", ", failed.stream().map(RankProcess::end).toList());
        String place = newest < 0 ? "the beginning" : "step " + newest;
        String next = fruitless > restarts
                ? "given up; --resume goes on from " + place
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
