package dev.saiki.server.inspect;

import dev.saiki.checkpoint.accounting.SequenceCost;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.engine.GenerationResult;
import dev.saiki.engine.InspectedToken;
import dev.saiki.engine.settings.RouteSettings;
import dev.saiki.server.audit.Spending;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// The cost of an inspection so far: the cost of every pass over the text, and the number of generated
/// tokens. Generation counts as a pass only if it was cancelled; the text is then not inspected.
final class InspectionCost {

    private final ModelConfig config;
    private final int promptTokens;
    private final int deepest;
    private final List<Reading> readings = new ArrayList<>();
    private int written;

    /// Starts at zero.
    ///
    /// @param config the configuration of the model
    /// @param promptTokens the number of tokens in the prompt; the model generates the rest of the text
    /// @param route the requested bounds on depth
    InspectionCost(ModelConfig config, int promptTokens, RouteSettings route) {
        this.config = config;
        this.promptTokens = promptTokens;
        this.deepest = route.bounds().deepest(config.numRecursions());
    }

    /// A pass of the text through the model, whose progress the engine's thread reports.
    static final class Reading {

        private final int[] depths;
        private final int predictions;
        private int count;

        private Reading(int[] depths, int count, int predictions) {
            this.depths = depths;
            this.count = count;
            this.predictions = predictions;
        }

        /// Records that a token has run through the model, perhaps again.
        public synchronized void take(InspectedToken token) {
            depths[token.position()] = token.depth();
            count = Math.max(count, token.position() + 1);
        }

        private synchronized int[] depths() {
            return Arrays.copyOf(depths, count);
        }

        /// Returns the number of predictions: one for each token or, if generation was cancelled, at most one
        /// for each generated token.
        private int predictions(int tokens) {
            return Math.min(tokens, predictions);
        }
    }

    /// Starts reading a text.
    public Reading read(int tokens) {
        Reading reading = new Reading(new int[tokens], 0, tokens);
        readings.add(reading);
        return reading;
    }

    /// Records that the model has generated the rest of the text.
    void wrote(int tokens) {
        written = tokens;
    }

    /// Records that generation was cancelled, and the cost until then.
    public void cutOff(GenerationResult finish) {
        wrote(finish.tokens());
        int[] depths = finish.depths();
        readings.add(new Reading(depths, depths.length, finish.tokens()));
    }

    /// Whether anything was computed.
    boolean hasAny() {
        return written > 0 || readings.stream().anyMatch(reading -> reading.depths().length > 0);
    }

    public Spending toSpending() {
        long[] tokensAtDepth = new long[config.numRecursions()];
        long promptTokensRead = 0;
        long flops = 0;
        long flopsSaved = 0;
        for (Reading reading : readings) {
            int[] depths = reading.depths();
            int predictions = reading.predictions(depths.length);
            int[] full = new int[depths.length];
            Arrays.fill(full, config.numRecursions());
            Arrays.stream(depths).forEach(depth -> tokensAtDepth[depth - 1]++);
            promptTokensRead += Math.min(depths.length, promptTokens);
            long spent = SequenceCost.of(config, depths, deepest, predictions).flops();
            flops += spent;
            flopsSaved += SequenceCost.of(config, full, config.numRecursions(), predictions)
                            .flops()
                    - spent;
        }
        return new Spending(
                promptTokensRead,
                0,
                written,
                1,
                Arrays.stream(tokensAtDepth).boxed().toList(),
                flops,
                flopsSaved);
    }
}
