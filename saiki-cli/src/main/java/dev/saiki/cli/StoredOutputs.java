package dev.saiki.cli;

import dev.saiki.cli.terminal.Console;
import dev.saiki.cli.terminal.NumberFormats;
import dev.saiki.cli.terminal.OutputPaths;
import dev.saiki.cli.terminal.ShutdownListener;
import dev.saiki.cli.training.TrainCommand;
import dev.saiki.io.storage.PublishedDirectory;
import dev.saiki.io.storage.Storage;
import dev.saiki.io.storage.StorageLocation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine.ExecutionException;
import picocli.CommandLine.IExecutionStrategy;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.RunLast;

/// The handling of `--out`, which is the same for all commands.
///
/// An unwritable location is rejected before the work begins. For a location in object storage, the command writes
/// to a local folder, which is uploaded during the work and once more at its end, even after a failure. So
/// commands contain no code for object storage. Of a training's processes, only the first writes.
final class StoredOutputs implements IExecutionStrategy {

    private static final String OUT = "--out";
    private static final String FILE = "FILE";
    private static final List<String> OUTPUTS = List.of(OUT, "--log-samples");

    private final Console console;
    private final IExecutionStrategy command = new RunLast();

    StoredOutputs(Console console) {
        this.console = console;
    }

    /// An option whose value is a location in object storage.
    private record Output(OptionSpec option, StorageLocation location) {

        boolean isFile() {
            return option.paramLabel().equals(FILE);
        }
    }

    @Override
    public int execute(ParseResult parsed) {
        Optional<Output> output = output(parsed);
        try {
            if (last(parsed).commandSpec().userObject() instanceof TrainCommand train && train.isFollower()) {
                return command.execute(parsed);
            }
            if (output.isEmpty()) {
                return writeLocally(parsed);
            }
            return output.get().isFile() ? writeFile(parsed, output.get()) : writeFolder(parsed, output.get());
        } catch (IOException e) {
            throw new ExecutionException(parsed.commandSpec().commandLine(), String.valueOf(e.getMessage()), e);
        } catch (ExecutionException | ParameterException e) {
            throw e;
        } catch (RuntimeException e) {
            throw new ExecutionException(parsed.commandSpec().commandLine(), String.valueOf(e.getMessage()), e);
        }
    }

    /// Runs a command that writes to local paths, and removes its unfinished files if a signal ends it.
    private int writeLocally(ParseResult parsed) {
        List<OptionSpec> options = outputOptions(parsed);
        if (options.isEmpty()
                || last(parsed).isUsageHelpRequested()
                || last(parsed).isVersionHelpRequested()) {
            return command.execute(parsed);
        }
        options.stream()
                .filter(option -> option.paramLabel().equals(FILE))
                .forEach(option -> paths(option).forEach(path -> OutputPaths.requireFile(path, option.longestName())));
        List<Path> outputs = localOutputs(parsed);
        outputs.forEach(OutputPaths::requireWritable);
        List<Path> own = outputs.stream().filter(OutputPaths::isUntouched).toList();
        if (own.isEmpty()) {
            return command.execute(parsed);
        }
        Thread cleaner = new Thread(() -> own.forEach(OutputPaths::removeUnfinished), "saiki-unfinished");
        Runtime.getRuntime().addShutdownHook(cleaner);
        try {
            return command.execute(parsed);
        } finally {
            try {
                Runtime.getRuntime().removeShutdownHook(cleaner);
            } catch (IllegalStateException shuttingDown) {
                // A signal has arrived: the shutdown hook is already running.
            }
        }
    }

    /// The outputs of the command, exactly as named by the user.
    static List<Path> localOutputs(ParseResult parsed) {
        return outputOptions(parsed).stream().flatMap(StoredOutputs::paths).toList();
    }

    private static List<OptionSpec> outputOptions(ParseResult parsed) {
        List<OptionSpec> given = new ArrayList<>();
        for (String name : OUTPUTS) {
            OptionSpec option = last(parsed).matchedOption(name);
            if (option != null) {
                given.add(option);
            }
        }
        return given;
    }

    private static Stream<Path> paths(OptionSpec option) {
        return switch (option.getValue()) {
            case Path path -> Stream.of(path);
            case List<?> paths -> paths.stream().filter(Path.class::isInstance).map(Path.class::cast);
            case null, default -> Stream.empty();
        };
    }

    private static ParseResult last(ParseResult parsed) {
        ParseResult last = parsed;
        while (last.hasSubcommand()) {
            last = last.subcommand();
        }
        return last;
    }

    private static Optional<Output> output(ParseResult parsed) {
        OptionSpec option = last(parsed).matchedOption(OUT);
        return option != null && option.getValue() instanceof Path path
                ? StorageLocation.in(path).map(location -> new Output(option, location))
                : Optional.empty();
    }

    private int writeFile(ParseResult parsed, Output output) throws IOException {
        Path aside = Files.createTempDirectory("saiki-out");
        Path file = aside.resolve(Path.of(output.location().key()).getFileName());
        setValue(output.option(), file);
        int exitCode = command.execute(parsed);
        if (Files.exists(file)) {
            Storage.publishText(output.location(), file);
            console.err().println("published  " + output.location());
            Files.delete(file);
        }
        Files.deleteIfExists(aside);
        return exitCode;
    }

    private int writeFolder(ParseResult parsed, Output output) throws IOException {
        // The process must not end before publishing has finished.
        try (ShutdownListener _ = ShutdownListener.listen(() -> {});
                PublishedDirectory folder = Storage.publish(
                        output.location(), warning -> console.err().println("saiki: warning: " + warning))) {
            folder.onLoss(() ->
                    Thread.ofPlatform().daemon().name("saiki-storage-loss").start(Main::exitWithFailure));
            setValue(output.option(), folder.local());
            try {
                return command.execute(parsed);
            } finally {
                PublishedDirectory.Published published = folder.finish();
                console.err()
                        .println("published  " + folder.location() + ": " + NumberFormats.count(published.files())
                                + " files, " + NumberFormats.count(published.bytes()) + " bytes");
            }
        }
    }

    private static void setValue(OptionSpec option, Path value) {
        try {
            option.setter().set(value);
        } catch (Exception e) {
            throw new IllegalStateException(option.longestName() + " cannot be set", e);
        }
    }
}
