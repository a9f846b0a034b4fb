package dev.saiki.cli.evaluation;

import dev.saiki.io.InputException;
import dev.saiki.rollout.check.RegexCheck;
import dev.saiki.rollout.check.SchemaCheck;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// The options for the required format of an answer; the format is checked in the same way as by the gateway.
final class FormatOption {

    @Option(names = "--format-pattern", paramLabel = "REGEX")
    private @Nullable String pattern;

    @Option(names = "--format-schema", paramLabel = "FILE")
    private @Nullable Path schema;

    /// The check of the format; empty if none is required.
    ///
    /// @throws InputException if both options are given, or one is invalid
    Optional<Predicate<String>> format() {
        if (pattern != null && schema != null) {
            throw new InputException(
                    "--format-pattern and --format-schema cannot be used together; leave one of them out");
        }
        if (pattern != null) {
            return Optional.of(RegexCheck.of("--format-pattern", pattern)::isFoundIn);
        }
        return schema == null ? Optional.empty() : Optional.of(SchemaCheck.of(text(schema))::fits);
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new InputException(file + ": the schema cannot be read", e);
        }
    }
}
