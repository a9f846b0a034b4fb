package dev.saiki.cli;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.codegen.docgen.manpage.ManPageGenerator;

/// The files of the command's manual in a distribution: man pages in AsciiDoc, which Asciidoctor converts, and
/// the completion scripts in the folders where shells look for them.
final class Manual {

    private static final Map<String, String> SCRIPTS = Map.of("bash", "saiki", "zsh", "_saiki");

    private Manual() {}

    /// Writes the pages and the scripts.
    ///
    /// @param arguments the folder of the pages, and that of the scripts
    public static void main(String[] arguments) throws IOException {
        writePages(Path.of(arguments[0]));
        writeScripts(Path.of(arguments[1]));
    }

    /// Writes a page of AsciiDoc for each command.
    static void writePages(Path folder) throws IOException {
        PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8);
        CommandLine saiki = Saiki.commandLine(nowhere, nowhere);
        @Nullable File noTemplates = null;
        int failed = ManPageGenerator.generateManPage(
                Files.createDirectories(folder).toFile(), noTemplates, new boolean[0], false, saiki.getCommandSpec());
        if (failed != 0) {
            throw new IllegalStateException("picocli wrote no man pages: " + failed);
        }
    }

    private static void writeScripts(Path folder) throws IOException {
        Files.createDirectories(folder);
        SCRIPTS.forEach((shell, name) -> {
            try {
                Files.writeString(
                        folder.resolve(name),
                        CommandRun.of("completion", shell).succeeds().out());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }
}
