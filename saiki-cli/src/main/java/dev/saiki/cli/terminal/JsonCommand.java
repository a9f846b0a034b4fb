package dev.saiki.cli.terminal;

import java.util.function.Supplier;
import java.util.stream.Stream;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ObjectNode;

/// The base of commands whose result is text, or JSON for other programs.
public abstract class JsonCommand extends ConsoleCommand {

    /// Whether standard output contains JSON only.
    @Option(names = "--json")
    protected boolean json;

    /// Prints a result: as a JSON document, or as text.
    protected final void print(ObjectNode document, Runnable text) {
        if (json) {
            println(JsonOutput.document(document));
        } else {
            text.run();
        }
    }

    /// Prints a result: as JSON on one line, or as text, for which no JSON is built.
    protected final void printLine(Supplier<ObjectNode> object, Runnable text) {
        printLines(Stream.of(object).map(Supplier::get), text);
    }

    /// Prints a list: as JSON, one object a line, or as text.
    protected final void printLines(Stream<ObjectNode> objects, Runnable text) {
        if (json) {
            objects.map(JsonOutput::line).forEach(this::println);
        } else {
            text.run();
        }
    }

    /// Prints a result: as a JSON document, or as a line of text.
    protected final void print(ObjectNode document, String line) {
        print(document, () -> println(line));
    }
}
