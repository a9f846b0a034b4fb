package dev.saiki.cli.evaluation;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.cli.model.AdapterOption;
import dev.saiki.cli.model.LoadedModel;
import dev.saiki.cli.model.ModelOption;
import dev.saiki.cli.model.ScoringOptions;
import dev.saiki.cli.terminal.JsonCommand;
import dev.saiki.cli.terminal.JsonOutput;
import dev.saiki.cli.terminal.NumberFormats;
import dev.saiki.engine.Engine;
import dev.saiki.engine.TokenScores;
import dev.saiki.engine.settings.EngineOptions;
import dev.saiki.engine.settings.WeightFormat;
import dev.saiki.io.InputException;
import dev.saiki.model.Precision;
import dev.saiki.model.ScoredSequence;
import dev.saiki.text.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ObjectNode;

/// `saiki eval score`: the probability of each token of a text, and the depth of each token.
@Command(name = "score")
public final class EvalScoreCommand extends JsonCommand {

    /// A text longer than this is not taken for the name of a file.
    private static final int MAX_NAME_LENGTH = 255;

    @Mixin
    private ModelOption model = new ModelOption();

    @Mixin
    private AdapterOption adapter = new AdapterOption();

    @ArgGroup(multiplicity = "1")
    private Input input = new Input();

    @Mixin
    private ScoringOptions scoring = new ScoringOptions();

    @Option(names = "--precision", paramLabel = "TYPE")
    private Precision precision = Precision.FLOAT32;

    /// The text to score, given by exactly one of the three options.
    private static final class Input {
        @Option(names = "--text", paramLabel = "TEXT", required = true)
        private @Nullable String text;

        @Option(names = "--file", paramLabel = "FILE", required = true)
        private @Nullable Path file;

        @Option(names = "--ids", paramLabel = "ID", required = true, split = ",")
        private int @Nullable [] ids;
    }

    @Override
    protected void run() throws IOException {
        scoring.require();
        try (LoadedModel loaded = LoadedModel.open(adapter.open(model.folder(console)), precision)) {
            loaded.requireEffort(scoring.effort());
            scoring.requireDepth(loaded.config());
            int[] ids = ids(loaded);
            scoring.warn(loaded.config(), console);
            ScoredSequence scored = switch (scoring.engine()) {
                case TORCH ->
                    loaded.scorer()
                            .score(List.of(ids), scoring.forTorch(scoring.maxDepth()))
                            .getFirst();
                case CPU -> scoredByEngine(loaded.checkpoint(), ids);
            };
            if (json) {
                printJson(ids, scored);
            } else {
                print(ids, scored, loaded);
            }
        }
    }

    private ScoredSequence scoredByEngine(CheckpointDirectory checkpoint, int[] ids) {
        WeightFormat format = precision == Precision.FLOAT32 ? WeightFormat.FLOAT32 : WeightFormat.BFLOAT16;
        try (Engine cpu = Engine.withoutText(
                checkpoint, EngineOptions.builder().weights(format).build())) {
            TokenScores scores =
                    cpu.score(ids, scoring.forEngine(scoring.maxDepth())).join();
            float[] logprobs = new float[ids.length];
            for (int position = 0; position < ids.length; position++) {
                logprobs[position] = (float) scores.logprobs()[position];
            }
            return new ScoredSequence(logprobs, scores.depths());
        }
    }

    private static int[] encoded(LoadedModel loaded, String text) {
        return text.isEmpty() ? new int[0] : loaded.tokenizer().encodePrompt(text);
    }

    private int[] ids(LoadedModel loaded) throws IOException {
        int[] ids;
        if (input.ids != null) {
            ids = input.ids;
            requireKnown(ids, loaded.config().vocabSize());
        } else if (input.file != null) {
            ids = encoded(loaded, readText(input.file));
        } else if (input.text != null) {
            warnOfFile(input.text);
            ids = encoded(loaded, input.text);
        } else {
            throw new IllegalStateException("neither --text nor --file nor --ids");
        }
        int longest = loaded.config().maxPositionEmbeddings();
        if (ids.length == 0 || ids.length > longest) {
            throw new InputException("the input must have from 1 to " + longest
                    + " tokens (config.json: max_position_embeddings), got " + ids.length
                    + (ids.length == 0 ? "; give it some text" : "; shorten it, or score it piece by piece"));
        }
        return ids;
    }

    /// Warns if the text is the name of a file, which may have been meant instead.
    private void warnOfFile(String text) {
        if (text.length() <= MAX_NAME_LENGTH && text.indexOf('\0') < 0 && Files.isRegularFile(Path.of(text))) {
            note("saiki: note: --text expects the text itself; --file " + text + " scores the file");
        }
    }

    private static void requireKnown(int[] ids, int vocabSize) {
        for (int id : ids) {
            if (id < 0 || id >= vocabSize) {
                throw new InputException(
                        "--ids must be from 0 to " + (vocabSize - 1) + " (vocab_size " + vocabSize + "), got " + id);
            }
        }
    }

    private static String readText(Path file) throws IOException {
        InputException.require(!Files.isDirectory(file), file.toString(), "--file", "a file", "a folder");
        try {
            return Files.readString(file);
        } catch (CharacterCodingException e) {
            throw new InputException(file + ": the text must be UTF-8, but some of its bytes are not", e);
        }
    }

    private void printJson(int[] ids, ScoredSequence scored) {
        for (int position = 0; position < ids.length; position++) {
            ObjectNode line = JsonOutput.object();
            line.put("position", position);
            line.put("id", ids[position]);
            if (position == 0) {
                line.putNull("logprob");
            } else {
                line.put("logprob", scored.logprobs()[position]);
            }
            line.put("depth", scored.depths()[position]);
            println(JsonOutput.line(line));
        }
    }

    private void print(int[] ids, ScoredSequence scored, LoadedModel loaded) {
        @Nullable Tokenizer tokenizer = input.ids == null ? loaded.tokenizer() : null;
        printf("%8s %8s %10s %6s  %s%n", "position", "id", "logprob", "depth", "text");
        double sum = 0;
        double depths = 0;
        for (int position = 0; position < ids.length; position++) {
            float logprob = scored.logprobs()[position];
            sum += position == 0 ? 0 : logprob;
            depths += scored.depths()[position];
            String text = tokenizer == null ? "" : visible(tokenizer.tokenText(ids[position]));
            printf(
                    "%8d %8d %10s %6d  %s%n",
                    position,
                    ids[position],
                    position == 0 ? "-" : NumberFormats.text("%.4f", logprob),
                    scored.depths()[position],
                    text);
        }
        printf(
                "mean: NLL %s nats per token, depth %.3f%n",
                ids.length == 1 ? "-" : NumberFormats.text("%.4f", -sum / (ids.length - 1)), depths / ids.length);
    }

    private static String visible(String text) {
        return text.replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t");
    }
}
