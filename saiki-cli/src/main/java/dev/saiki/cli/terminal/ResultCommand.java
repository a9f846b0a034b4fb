package dev.saiki.cli.terminal;

import dev.saiki.io.AtomicFiles;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// The base of commands that measure: their result can also be written to a file.
public abstract class ResultCommand extends JsonCommand {

    /// The file, if one was given.
    @Option(names = "--out", paramLabel = "FILE")
    protected @Nullable Path out;

    /// Writes the file, and prints the result: as the same JSON document, or as text.
    protected final void publish(String document, Runnable text) throws IOException {
        if (out != null) {
            AtomicFiles.writeString(out, document + "\n");
        }
        if (json) {
            println(document);
        } else {
            text.run();
        }
    }
}
