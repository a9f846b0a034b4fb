package dev.saiki.cli.terminal;

import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/// The progress lines of a long command: one every few seconds, and one whenever a part of the work is done.
/// The lines are the same on terminals and in files.
public final class ProgressLines {

    private static final Duration BETWEEN = Duration.ofSeconds(5);

    private final PrintStream out;
    private final InstantSource clock;
    private Instant last;
    private Instant started;
    private String current = "";

    /// Starts the clock without printing.
    ///
    /// @param out the stream for the lines
    /// @param clock the clock that decides when a line is due
    public ProgressLines(PrintStream out, InstantSource clock) {
        this.out = out;
        this.clock = clock;
        this.last = clock.instant();
        this.started = last;
    }

    /// Prints a line if one is due.
    ///
    /// @param part the name of the part of the work
    /// @param done completed units
    /// @param total units in all
    /// @param unit what is counted and what was done to it, such as `windows read`
    public void update(String part, long done, long total, String unit) {
        Instant now = clock.instant();
        if (!part.equals(current)) {
            current = part;
            started = last;
        }
        if (done >= total || Duration.between(last, now).compareTo(BETWEEN) >= 0) {
            last = now;
            out.println(part + ": " + NumberFormats.count(done) + "/" + NumberFormats.count(total) + " " + unit
                    + remaining(now, done, total));
        }
    }

    /// The estimated remaining time at the mean speed so far; empty at the end, or before any progress.
    private String remaining(Instant now, long done, long total) {
        long millis = Duration.between(started, now).toMillis();
        return done <= 0 || done >= total || millis <= 0
                ? ""
                : ", about " + NumberFormats.duration(millis * (total - done) / done / 1000) + " left";
    }
}
