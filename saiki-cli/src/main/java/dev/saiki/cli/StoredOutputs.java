package dev.saiki.cli;

import dev.saiki.cli.terminal.Console;
import dev.saiki.cli.terminal.NumberFormats;
import dev.saiki.cli.terminal.ShutdownListener;
import dev.saiki.io.storage.PublishedDirectory;
import dev.saiki.io.storage.Storage;
import dev.saiki.io.storage.StorageLocation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.ExecutionException;
import picocli.CommandLine.IExecutionStrategy;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.RunLast;

/// The way in which commands are run whose option `--out` names object storage: the command writes a local
/// folder, which is published while it works and once more when it has ended, however that was.
///
/// So no command knows where its folder is published.
final class StoredOutputs implements IExecutionStrategy {

    private static final String OUT = "--out";

    private final Console console;
    private final IExecutionStrategy command = new RunLast();

    StoredOutputs(Console console) {
        this.console = console;
    }

    /// An option's value that names object storage.
    private record Output(OptionSpec option, StorageLocation location) {

        boolean isFile() {
            return option.paramLabel().equals("FILE");
        }
    }

    @Override
    public int execute(ParseResult parsed) {
        Optional<Output> output = output(parsed);
        if (output.isEmpty()) {
            return command.execute(parsed);
        }
        try {
            return output.get().isFile() ? writeFile(parsed, output.get()) : writeFolder(parsed, output.get());
        } catch (IOException e) {
            throw new ExecutionException(parsed.commandSpec().commandLine(), String.valueOf(e.getMessage()), e);
        } catch (ExecutionException e) {
            throw e;
        } catch (RuntimeException e) {
            throw new ExecutionException(parsed.commandSpec().commandLine(), String.valueOf(e.getMessage()), e);
        }
    }

    private static Optional<Output> output(ParseResult parsed) {
        ParseResult last = parsed;
        while (last.hasSubcommand()) {
            last = last.subcommand();
        }
        OptionSpec option = last.matchedOption(OUT);
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
        // The end of the process waits for all of this, not only for the command.
        try (ShutdownListener _ = ShutdownListener.listen(() -> {});
                PublishedDirectory folder = Storage.publish(
                        output.location(), warning -> console.err().println("saiki: warning: " + warning))) {
            folder.onLoss(() ->
                    Thread.ofPlatform().daemon().name("saiki-storage-loss").start(Main::endWork));
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
