package dev.saiki.study.pilot;

import dev.saiki.io.InputException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/// The text and the options of a pilot.
///
/// @param corpus files, folders or globs of text; empty for the built-in corpus
/// @param minutes approximate total duration on this machine, from 0.2 to 100,000
/// @param out the folder for all files of the pilot
/// @param seed the first seed; it determines initial weights and the order of the text
/// @param seeds number of trainings of each model, with consecutive seeds; by default one if the pilot takes less
///     than half an hour, otherwise three
/// @param size name of the models' size; absent to choose a size that fits the time
public record PilotOptions(
        List<Path> corpus, double minutes, Path out, long seed, OptionalInt seeds, Optional<String> size) {

    /// Default duration of a pilot in minutes.
    public static final double DEFAULT_MINUTES = 18;

    /// Default seed of a pilot.
    public static final long DEFAULT_SEED = 0;

    private static final double MIN_MINUTES = 0.2;
    private static final double MAX_MINUTES = 100_000;
    private static final int MAX_SEEDS = 100;

    /// From this duration in minutes on, each model is by default trained with several seeds, which verdicts
    /// require.
    private static final double MINUTES_FOR_SEEDS = 30;

    private static final int SEEDS_FOR_JUDGEMENT = 3;

    /// Copies the list and checks the numbers.
    ///
    /// @throws InputException if the minutes or the seeds are out of range
    public PilotOptions {
        corpus = List.copyOf(corpus);
        if (!(minutes >= MIN_MINUTES && minutes <= MAX_MINUTES)) {
            throw new InputException("minutes must be from " + MIN_MINUTES + " to 100000, got " + minutes);
        }
        seeds.ifPresent(count -> InputException.requireBetween("seeds", count, 1, MAX_SEEDS));
    }

    boolean isBuiltIn() {
        return corpus.isEmpty();
    }

    /// The paths of the corpus, independent of the working directory.
    List<Path> absoluteCorpus() {
        return corpus.stream().map(path -> path.toAbsolutePath().normalize()).toList();
    }

    /// The number of trainings of each model.
    int numSeeds() {
        return seeds.orElse(minutes >= MINUTES_FOR_SEEDS ? SEEDS_FOR_JUDGEMENT : 1);
    }
}
