package dev.saiki.cli.serving;

import java.time.Duration;
import java.util.function.Consumer;
import picocli.CommandLine.Option;

/// The options for the orderly end of a server after Ctrl-C or SIGTERM.
public final class ShutdownFlags {

    @Option(names = "--drain-seconds", paramLabel = "S")
    private double drainSeconds = 30;

    @Option(names = "--notice-seconds", paramLabel = "S")
    private double noticeSeconds;

    /// The wait for the running requests of a server.
    @FunctionalInterface
    public interface Drain {

        /// Refuses new requests and waits for running ones.
        ///
        /// @return whether all running requests finished in time
        /// @throws InterruptedException if the thread is interrupted while it waits
        boolean await() throws InterruptedException;
    }

    /// Checks both options and returns the time for running answers.
    ///
    /// @return the time
    /// @throws dev.saiki.io.InputException if an option is out of range
    public Duration drainTime() {
        notice();
        return LimitFlags.seconds("--drain-seconds", drainSeconds, LimitFlags.MAX_SECONDS);
    }

    private Duration notice() {
        return LimitFlags.seconds("--notice-seconds", noticeSeconds, LimitFlags.MAX_SECONDS);
    }

    /// Ends a server in order.
    ///
    /// @param announceEnd makes the server report that it is not ready
    /// @param drain the wait for its running requests
    /// @param notes receives messages about the progress
    /// @throws InterruptedException if the thread is interrupted while it waits
    public void end(Runnable announceEnd, Drain drain, Consumer<String> notes) throws InterruptedException {
        if (noticeSeconds > 0) {
            announceEnd.run();
            notes.accept("not ready any more; requests are accepted for another " + noticeSeconds + " s");
            Thread.sleep(notice());
        }
        notes.accept("stopping: running answers are finished first");
        if (!drain.await()) {
            notes.accept("some answers were not done after " + drainSeconds + " s and were cut off");
        }
    }
}
