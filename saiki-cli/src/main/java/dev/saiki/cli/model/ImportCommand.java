package dev.saiki.cli.model;

import dev.saiki.cli.terminal.JsonCommand;
import dev.saiki.cli.terminal.JsonOutput;
import dev.saiki.cli.terminal.OutputPaths;
import dev.saiki.convert.ModelImport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ObjectNode;

/// `saiki import`: converts another tool's model to a checkpoint.
@Command(name = "import", description = "Convert a model from elsewhere: a Hugging Face folder or GGUF.")
public final class ImportCommand extends JsonCommand {

    @Parameters(paramLabel = "SOURCE", description = "A folder with config.json and safetensors, or a GGUF file.")
    private Path source = Path.of("");

    @Option(names = "--out", paramLabel = "DIR", required = true, description = "The checkpoint folder to create.")
    private Path out = Path.of("");

    @Override
    protected void run() throws IOException {
        OutputPaths.requireNewOrEmpty(out);
        ModelImport.Imported imported = ModelImport.run(source, out, Clock.systemUTC());
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
                    + (Files.isDirectory(source)
                            ? "put its tokenizer.json or tokenizer.model into " + source
                            : "take a GGUF file that contains its vocabulary")
                    + ", and import it again with another --out");
        }
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
