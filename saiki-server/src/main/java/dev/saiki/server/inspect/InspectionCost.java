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

/// The cost of an inspection as far as it has come: the text, as often as it was read, and what
/// the model wrote of it. Writing is counted as work only if the text was never read, for it was cut off.
final class InspectionCost {

    private final ModelConfig config;
    private final int promptTokens;
    private final int deepest;
    private final List<Reading> readings = new ArrayList<>();
    private int written;

    /// Begins with nothing.
    ///
    /// @param config of the model
    /// @param promptTokens of the text, the rest of which the model writes
    /// @param route what was asked of depth
    InspectionCost(ModelConfig config, int promptTokens, RouteSettings route) {
        this.config = config;
        this.promptTokens = promptTokens;
        this.deepest = route.bounds().deepest(config.numRecursions());
    }

    /// A text on its way through the model, of which the engine's thread tells.
    static final class Reading {

        private final int[] depths;
        private final int predictions;
        private int count;

        private Reading(int[] depths, int count, int predictions) {
            this.depths = depths;
            this.count = count;
            this.predictions = predictions;
        }

        /// A token has been through the model, perhaps once more.
        public synchronized void take(InspectedToken token) {
            depths[token.position()] = token.depth();
            count = Math.max(count, token.position() + 1);
        }

        private synchronized int[] depths() {
            return Arrays.copyOf(depths, count);
        }

        /// An inspection predicts what follows each token; the end of a text that was cut off is not
        /// predicted.
        private int predictions(int tokens) {
            return Math.min(tokens, predictions);
        }
    }

    /// Begins to read a text.
    public Reading read(int tokens) {
        Reading reading = new Reading(new int[tokens], 0, tokens);
        readings.add(reading);
        return reading;
    }

    /// The model has written the rest of the text.
    void wrote(int tokens) {
        written = tokens;
    }

    /// The model will not write the rest of the text.
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
