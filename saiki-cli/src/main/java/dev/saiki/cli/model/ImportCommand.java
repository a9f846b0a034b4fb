package dev.saiki.cli.model;

import dev.saiki.cli.terminal.Console;
import dev.saiki.cli.terminal.ExitCode;
import dev.saiki.cli.terminal.JsonOutput;
import dev.saiki.cli.terminal.OutputPaths;
import dev.saiki.convert.ModelImport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ObjectNode;

/// `saiki import`: a model of another tool as a checkpoint.
@Command(
        name = "import",
        description = "Make a checkpoint of a model from elsewhere: a folder of Hugging Face's, GGUF, llama2.c.")
public final class ImportCommand implements Callable<Integer> {

    private final Console console;

    @Parameters(
            paramLabel = "SOURCE",
            description = "A folder with config.json and safetensors, a GGUF file, or a model file of llama2.c.")
    private Path source = Path.of("");

    @Option(names = "--out", paramLabel = "DIR", required = true, description = "The checkpoint folder to write.")
    private Path out = Path.of("");

    @Option(names = "--vocabulary", paramLabel = "FILE", description = "llama2.c's vocabulary file, for its models.")
    private @Nullable Path vocabulary;

    @Option(names = "--json", description = "Print one JSON object and nothing else.")
    private boolean json;

    public ImportCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        OutputPaths.requireNewOrEmpty(out);
        ModelImport.Imported imported =
                ModelImport.run(source, Optional.ofNullable(vocabulary), out, Clock.systemUTC());
        if (json) {
            ObjectNode result = JsonOutput.object();
            result.put("model", out.toString());
            result.put("source", imported.description());
            result.put("tokenizer", imported.tokenizerSize().isPresent());
            result.put("chat_template", imported.hasTemplate());
            result.set("config", imported.config().toJson());
            console.out().println(JsonOutput.document(result));
        } else {
            console.out()
                    .println(out + ": " + imported.description() + tokenizer(imported)
                            + (imported.hasTemplate() ? " and a chat template" : ""));
        }
        return ExitCode.DONE;
    }

    private String tokenizer(ModelImport.Imported imported) {
        if (imported.tokenizerSize().isEmpty()) {
            return "; without a tokenizer, so that it can neither read nor write text"
                    + (Files.isRegularFile(source) ? " (a model of llama2.c gets its own by --vocabulary)" : "");
        }
        int size = imported.tokenizerSize().getAsInt();
        int vocabulary = imported.config().vocabSize();
        return "; with a tokenizer of " + size + " tokens"
                + (size == vocabulary ? "" : ", for a model of " + vocabulary);
    }
}
