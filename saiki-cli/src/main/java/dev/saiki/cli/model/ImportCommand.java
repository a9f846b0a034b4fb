package dev.saiki.cli.model;

import dev.saiki.cli.terminal.JsonCommand;
import dev.saiki.cli.terminal.JsonOutput;
import dev.saiki.cli.terminal.NumberFormats;
import dev.saiki.cli.terminal.OutputPaths;
import dev.saiki.convert.ModelImport;
import dev.saiki.engine.settings.WeightFormat;
import dev.saiki.eval.RecordJson;
import dev.saiki.text.template.CheckpointTemplate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ObjectNode;

/// `saiki import`: converts another tool's model to a checkpoint, or tells what it would need.
@Command(name = "import")
public final class ImportCommand extends JsonCommand {

    private static final String ROW = "%-10s %9s %13s %9s%n";

    /// The speed above which work besides reading weights decides.
    private static final int FASTEST = 1_000;

    @Parameters(paramLabel = "SOURCE")
    private Path source = Path.of("");

    @ArgGroup(multiplicity = "1")
    private Purpose purpose = new Purpose();

    /// What the model is read for.
    static final class Purpose {

        @Option(names = "--out", paramLabel = "DIR", required = true)
        private @Nullable Path out;

        @Option(names = "--check", required = true)
        private boolean check;
    }

    @Override
    protected void run() throws IOException {
        if (purpose.check || purpose.out == null) {
            check();
        } else {
            write(purpose.out);
        }
    }

    private void check() throws IOException {
        ModelImport.Imported model = ModelImport.check(source);
        WeightFormat stored = WeightFormat.stored(model.tensors());
        List<ModelNeeds> needs = Arrays.stream(WeightFormat.values())
                .map(format -> ModelNeeds.of(format, model.config(), model.tensors()))
                .toList();
        ObjectNode result = described(model);
        long bytes = model.tensors().stream()
                .mapToLong(tensor -> tensor.data().byteSize())
                .sum();
        result.put("checkpoint_bytes", bytes);
        result.put("has_weights", model.hasWeights());
        result.put("weights", stored.key());
        result.set("needs", RecordJson.MAPPER.valueToTree(needs));
        print(result, () -> {
            println(source
                    + (model.hasWeights() ? " can be imported: " : " can be imported once its weights are there: ")
                    + model.description()
                    + tokenizer(model));
            println("the checkpoint will have " + NumberFormats.bytes(bytes) + " of weights, served in " + stored.key()
                    + " unless --weights says otherwise");
            console.out().printf(ROW, "weights", "size", "1,000 tokens", "tokens/s");
            for (ModelNeeds need : needs) {
                String cache = NumberFormats.bytes(1_000 * need.cacheBytesPerToken());
                String speed = speed(need.tokensPerSecond());
                console.out().printf(ROW, need.weights(), NumberFormats.bytes(need.weightBytes()), cache, speed);
            }
            println("1,000 tokens: the size of their keys and values, beside the weights");
            println("tokens/s: the most that one sequence can reach on this machine, if its weights are in memory");
        });
        noteIfWithoutTokenizer(model, "");
        noteIfTemplateFails(model);
        if (!model.hasWeights()) {
            note("saiki: note: the folder has no safetensors files; sizes are those of the weights that config.json"
                    + " requires");
        }
    }

    private static String speed(double tokensPerSecond) {
        if (tokensPerSecond > FASTEST) {
            return "over " + FASTEST;
        }
        return String.format(Locale.ROOT, tokensPerSecond < 10 ? "%.1f" : "%.0f", tokensPerSecond);
    }

    private void write(Path out) throws IOException {
        OutputPaths.requireNewOrEmpty(out);
        ModelImport.Imported imported = ModelImport.run(source, out, Clock.systemUTC());
        ObjectNode result = described(imported);
        result.put("model", out.toString());
        print(result, out + ": " + imported.description() + tokenizer(imported));
        noteIfWithoutTokenizer(imported, ", and import it again with another --out");
        noteIfTemplateFails(imported);
    }

    private static ObjectNode described(ModelImport.Imported imported) {
        ObjectNode result = JsonOutput.object();
        result.put("source", imported.description());
        result.put("tokenizer", imported.tokenizerSize().isPresent());
        result.put("chat_template", imported.hasTemplate());
        imported.templateProblem().ifPresent(problem -> result.put("chat_template_problem", problem));
        result.set("config", imported.config().toJson());
        return result;
    }

    private void noteIfWithoutTokenizer(ModelImport.Imported imported, String then) {
        if (imported.tokenizerSize().isEmpty()) {
            note("saiki: note: without a tokenizer the model accepts token ids only (eval score --ids): generate,"
                    + " chat, serve and eval refuse it, and it cannot be trained on text; "
                    + (Files.isDirectory(source)
                            ? "put its tokenizer.json or tokenizer.model into " + source
                            : "take a GGUF file that contains its vocabulary")
                    + then);
        }
    }

    private void noteIfTemplateFails(ModelImport.Imported imported) {
        imported.templateProblem()
                .ifPresent(problem -> note("saiki: note: the chat template cannot be run: " + problem
                        + "; chat and serve need another " + CheckpointTemplate.FILE
                        + " in the model's folder, or --chat-format"));
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
