package dev.saiki.eval.pilot;

import dev.saiki.io.InputException;
import java.nio.file.Path;
import java.util.List;

/// What a pilot works on and how long it may take.
///
/// @param corpus files, folders or globs of text; empty for the built-in corpus
/// @param minutes about how long it takes in all on this machine, from 0.2 to 100,000
/// @param out the folder of everything it makes
/// @param seed decides initial weights, the order of training text, held-out documents and samples
public record PilotOptions(List<Path> corpus, double minutes, Path out, long seed) {

    /// Minutes of a pilot that was not told how long to take: a coffee.
    public static final double DEFAULT_MINUTES = 10;

    /// The seed of a pilot that was not given one.
    public static final long DEFAULT_SEED = 0;

    private static final double LEAST_MINUTES = 0.2;
    private static final double MOST_MINUTES = 100_000;

    /// Keeps its own copy of the list and checks the minutes.
    ///
    /// @throws InputException if the minutes are out of range
    public PilotOptions {
        corpus = List.copyOf(corpus);
        if (!(minutes >= LEAST_MINUTES && minutes <= MOST_MINUTES)) {
            throw new InputException("minutes must be from " + LEAST_MINUTES + " to 100000, got " + minutes);
        }
    }

    boolean isBuiltIn() {
        return corpus.isEmpty();
    }
}
