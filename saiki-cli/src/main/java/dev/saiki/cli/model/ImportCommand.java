package dev.saiki.cli.model;

import dev.saiki.cli.terminal.JsonCommand;
import dev.saiki.cli.terminal.JsonOutput;
import dev.saiki.cli.terminal.OutputPaths;
import dev.saiki.convert.ModelImport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ObjectNode;

/// `saiki import`: converts another tool's model to a checkpoint.
@Command(name = "import", description = "Convert a model from elsewhere: a Hugging Face folder, GGUF or llama2.c.")
public final class ImportCommand extends JsonCommand {

    @Parameters(
            paramLabel = "SOURCE",
            description = "A folder with config.json and safetensors, a GGUF file, or a model file of llama2.c.")
    private Path source = Path.of("");

    @Option(names = "--out", paramLabel = "DIR", required = true, description = "The checkpoint folder to create.")
    private Path out = Path.of("");

    @Option(names = "--vocabulary", paramLabel = "FILE", description = "The vocabulary file of a llama2.c model.")
    private @Nullable Path vocabulary;

    @Override
    protected void run() throws IOException {
        OutputPaths.requireNewOrEmpty(out);
        ModelImport.Imported imported =
                ModelImport.run(source, Optional.ofNullable(vocabulary), out, Clock.systemUTC());
        ObjectNode result = JsonOutput.object();
        result.put("model", out.toString());
        result.put("source", imported.description());
        result.put("tokenizer", imported.tokenizerSize().isPresent());
        result.put("chat_template", imported.hasTemplate());
        result.set("config", imported.config().toJson());
        print(result, out + ": " + imported.description() + tokenizer(imported));
        if (imported.tokenizerSize().isEmpty()) {
            note("saiki: note: without a tokenizer the model accepts token ids only (eval score --ids): generate,"
                    + " chat, serve and eval refuse it, and it cannot be trained on text; "
                    + remedy());
        }
    }

    private String remedy() {
        if (Files.isDirectory(source)) {
            return "put its tokenizer.json or tokenizer.model into " + source
                    + ", and import it again with another --out";
        }
        return "import it again with another --out: a model of llama2.c with --vocabulary FILE (its tokenizer.bin),"
                + " or a GGUF file that contains its vocabulary";
    }

    private String tokenizer(ModelImport.Imported imported) {
        if (imported.tokenizerSize().isEmpty()) {
            return "; without a tokenizer";
        }
        int size = imported.tokenizerSize().getAsInt();
        int vocabulary = imported.config().vocabSize();
        return "; with a tokenizer of " + size + " tokens"
                + (size == vocabulary ? "" : ", for a model of " + vocabulary)
                + (imported.hasTemplate() ? " and a chat template" : ", without a chat template");
    }
}
