package dev.saiki.spark;

import dev.saiki.io.InputException;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/// The main class of the jar for `spark-submit`. Spark's own configuration selects the cluster and its resources.
@Command(
        name = "saiki-spark",
        mixinStandardHelpOptions = true,
        description = "Prepare training data on a Spark cluster, byte for byte as on one machine.",
        subcommands = {PrepareCommand.class, LearnTokenizerCommand.class})
public final class SaikiSpark {

    private static final int WRONG_INPUT = 2;
    private static final int FAILED = 1;

    private SaikiSpark() {}

    /// Runs a command. A failure exits with code 2 if the user can fix it, and otherwise with code 1.
    ///
    /// @param arguments the command and its options
    public static void main(String[] arguments) {
        int exitCode = run(arguments);
        if (exitCode != 0) {
            System.exit(exitCode);
        }
    }

    static int run(String... arguments) {
        return new CommandLine(new SaikiSpark())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler((failure, command, _) -> report(failure, command))
                .execute(arguments);
    }

    private static int report(Exception failure, CommandLine command) {
        InputException mistake = mistake(failure);
        if (mistake == null) {
            failure.printStackTrace(command.getErr());
            return FAILED;
        }
        command.getErr().println("saiki-spark: " + mistake.getMessage());
        return WRONG_INPUT;
    }

    /// Finds a user's mistake among the causes of a failed task or driver.
    private static @Nullable InputException mistake(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof InputException mistake) {
                return mistake;
            }
        }
        return null;
    }

    /// The cluster of Spark's configuration.
    static JavaSparkContext context() {
        return new JavaSparkContext(new SparkConf().setIfMissing("spark.app.name", "saiki-spark"));
    }
}
