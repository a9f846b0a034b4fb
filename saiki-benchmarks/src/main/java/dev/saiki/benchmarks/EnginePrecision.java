package dev.saiki.benchmarks;

import dev.saiki.engine.Engine;
import dev.saiki.engine.TokenScores;
import dev.saiki.engine.settings.EngineOptions;
import dev.saiki.engine.settings.RouteSettings;
import dev.saiki.engine.settings.WeightFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// A measurement of a text's perplexity with weights in each number format, and of the share of tokens whose depth
/// then differs from the depth in float32.
///
/// Prints one JSON line per format.
public final class EnginePrecision {

    private static final JsonMapper JSON = new JsonMapper();
    private static final int MAX_WINDOWS = 200;

    private EnginePrecision() {}

    /// Measures.
    ///
    /// @param arguments a checkpoint folder and a text file
    /// @throws IOException if the text cannot be read
    public static void main(String[] arguments) throws IOException {
        if (arguments.length != 2) {
            System.err.println("usage: EnginePrecision MODEL TEXT");
            System.exit(2);
        }
        Path model = Path.of(arguments[0]);
        String text = Files.readString(Path.of(arguments[1]));
        List<TokenScores> exact = scores(model, text, WeightFormat.FLOAT32);
        for (WeightFormat format : WeightFormat.values()) {
            System.out.println(line(format, exact, scores(model, text, format)));
        }
    }

    private static List<TokenScores> scores(Path model, String text, WeightFormat format) {
        EngineOptions options = EngineOptions.builder().weights(format).build();
        try (Engine engine = Engine.open(model, options)) {
            int[] ids = engine.tokenizer().encode(text);
            int window = engine.config().maxPositionEmbeddings();
            List<TokenScores> scores = new ArrayList<>();
            for (int from = 0; from + window <= ids.length && scores.size() < MAX_WINDOWS; from += window) {
                scores.add(engine.score(Arrays.copyOfRange(ids, from, from + window), RouteSettings.MODEL)
                        .join());
            }
            return scores;
        }
    }

    private static ObjectNode line(WeightFormat format, List<TokenScores> exact, List<TokenScores> scores) {
        double nats = 0;
        long predictions = 0;
        long tokens = 0;
        long flips = 0;
        for (int i = 0; i < scores.size(); i++) {
            double[] logprobs = scores.get(i).logprobs();
            for (int position = 0; position < logprobs.length; position++) {
                nats -= position == 0 ? 0 : logprobs[position];
                predictions += position == 0 ? 0 : 1;
                tokens++;
                flips += exact.get(i).depths()[position] == scores.get(i).depths()[position] ? 0 : 1;
            }
        }
        ObjectNode line = JSON.createObjectNode();
        line.put("weights", format.name());
        line.put("tokens", tokens);
        line.put("nll", nats / predictions);
        line.put("perplexity", Math.exp(nats / predictions));
        line.put("depth_flip_rate", (double) flips / tokens);
        return line;
    }
}
