package dev.saiki.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.TestReporter;

/// The figures of rollouts between processes, which tests also write to target/rollout-processes.txt.
///
/// @param reporter the reporter of the test
record RolloutFigures(TestReporter reporter) {

    private static final Path FILE = Path.of("target", "rollout-processes.txt");

    /// Adds a figure.
    void add(String what, String figure) throws IOException {
        reporter.publishEntry(what, figure);
        Files.writeString(FILE, what + ": " + figure + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }
}
