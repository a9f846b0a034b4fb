package dev.saiki.eval.pilot;

import dev.saiki.eval.RecordJson;
import dev.saiki.io.AtomicFiles;
import dev.saiki.io.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import tools.jackson.core.JacksonException;

/// What an unfinished pilot has to remember beside the files it made: its options and the budget it chose.
///
/// @param formatVersion version of the file's format
/// @param corpus paths of the corpus, absolute; empty for the built-in one
/// @param minutes minutes asked for
/// @param seed seed of everything random
/// @param calibration the budget, once chosen
/// @param trained names of the models whose training is complete
record PilotState(
        int formatVersion,
        List<String> corpus,
        double minutes,
        long seed,
        Optional<Calibration> calibration,
        List<String> trained) {

    static final String FILE_NAME = "pilot.state.json";

    private static final int FORMAT_VERSION = 1;

    /// Keeps its own copies of the lists.
    PilotState {
        corpus = List.copyOf(corpus);
        trained = List.copyOf(trained);
    }

    /// The budget and what it was derived from.
    ///
    /// @param forwardFlops forward FLOPs for each model's training
    /// @param precision number format of the trainings' computation, as a recipe spells it
    /// @param tokensPerSecond training tokens a second that were measured, by model
    record Calibration(double forwardFlops, String precision, Map<String, Double> tokensPerSecond) {
        /// Keeps its own copy of the map.
        Calibration {
            tokensPerSecond = new TreeMap<>(tokensPerSecond);
        }
    }

    /// Reads the state of a folder, or makes the first one.
    ///
    /// @throws InputException if the folder holds a pilot with other options, or something else
    static PilotState open(PilotOptions options) throws IOException {
        PilotState fresh = new PilotState(
                FORMAT_VERSION,
                options.corpus().stream()
                        .map(path -> path.toAbsolutePath().normalize().toString())
                        .toList(),
                options.minutes(),
                options.seed(),
                Optional.empty(),
                List.of());
        Path file = options.out().resolve(FILE_NAME);
        if (!Files.exists(file)) {
            fresh.write(options.out());
            return fresh;
        }
        PilotState stored = read(file);
        stored.requireSameOptions(fresh, options.out());
        return stored;
    }

    void write(Path folder) throws IOException {
        AtomicFiles.writeString(
                folder.resolve(FILE_NAME),
                RecordJson.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(this) + "\n");
    }

    PilotState withCalibration(Calibration chosen) {
        return new PilotState(formatVersion, corpus, minutes, seed, Optional.of(chosen), trained);
    }

    PilotState withTrained(String model) {
        List<String> more = new java.util.ArrayList<>(trained);
        more.add(model);
        return new PilotState(formatVersion, corpus, minutes, seed, calibration, more);
    }

    private static PilotState read(Path file) throws IOException {
        try {
            PilotState state = RecordJson.MAPPER.readValue(Files.readString(file), PilotState.class);
            if (state.formatVersion != FORMAT_VERSION) {
                throw InputException.of(
                        file.toString(), "format_version", String.valueOf(FORMAT_VERSION), state.formatVersion);
            }
            return state;
        } catch (JacksonException e) {
            throw new InputException(file + ": not the state of a pilot: " + e.getOriginalMessage(), e);
        }
    }

    private void requireSameOptions(PilotState wanted, Path folder) {
        String difference = null;
        if (!corpus.equals(wanted.corpus)) {
            difference = "the corpus " + named(corpus) + ", got " + named(wanted.corpus);
        } else if (minutes != wanted.minutes) {
            difference = "minutes " + minutes + ", got " + wanted.minutes;
        } else if (seed != wanted.seed) {
            difference = "seed " + seed + ", got " + wanted.seed;
        }
        if (difference != null) {
            throw new InputException(folder + ": holds a pilot with " + difference
                    + "; go on with the options it has, or give the new one a folder of its own");
        }
    }

    private static String named(List<String> corpus) {
        return corpus.isEmpty() ? "that is built in" : String.join(", ", corpus);
    }
}
