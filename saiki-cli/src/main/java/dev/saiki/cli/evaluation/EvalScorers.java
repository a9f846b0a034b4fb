package dev.saiki.cli.evaluation;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.cli.model.LoadedModel;
import dev.saiki.cli.model.ScoringOptions;
import dev.saiki.engine.Engine;
import dev.saiki.engine.settings.EngineOptions;
import dev.saiki.eval.tasks.ContinuationScorer;
import dev.saiki.eval.tasks.EngineContinuationScorer;
import dev.saiki.eval.tasks.EvaluatedModel;
import dev.saiki.eval.tasks.TorchContinuationScorer;
import dev.saiki.model.Precision;
import dev.saiki.text.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.List;

/// A model opened by the chosen backend, to be evaluated at any bound on depth.
interface EvalScorers extends AutoCloseable {

    ModelConfig config();

    /// The model at a bound.
    EvaluatedModel at(int maxDepth);

    @Override
    void close();

    /// Opens a checkpoint.
    static EvalScorers open(CheckpointDirectory model, ScoringOptions options, int batchSize) {
        return switch (options.engine()) {
            case TORCH -> new OnTorch(LoadedModel.open(model, Precision.FLOAT32), options, batchSize);
            case CPU ->
                new OnEngine(
                        Engine.open(
                                model,
                                EngineOptions.builder()
                                        .maxSequences(batchSize)
                                        .maxWaiting(batchSize)
                                        .build()),
                        options,
                        batchSize);
        };
    }

    /// LibTorch, instead of the engine.
    final class OnTorch implements EvalScorers {

        private final LoadedModel model;
        private final Tokenizer tokenizer;
        private final ScoringOptions options;
        private final int batchSize;
        private final List<TorchContinuationScorer> made = new ArrayList<>();

        OnTorch(LoadedModel model, ScoringOptions options, int batchSize) {
            this.model = model;
            this.options = options;
            this.batchSize = batchSize;
            try {
                model.requireEffort(options.effort());
                this.tokenizer = model.tokenizer();
            } catch (RuntimeException e) {
                model.close();
                throw e;
            }
        }

        @Override
        public ModelConfig config() {
            return model.config();
        }

        @Override
        public EvaluatedModel at(int maxDepth) {
            TorchContinuationScorer scorer = new TorchContinuationScorer(
                    model.weights(),
                    options.forTorch(maxDepth),
                    batchSize,
                    Runtime.getRuntime().availableProcessors());
            made.add(scorer);
            return new EvaluatedModel(model.config(), tokenizer, scorer, maxDepth);
        }

        @Override
        public void close() {
            made.forEach(TorchContinuationScorer::close);
            model.close();
        }
    }

    /// The engine, without LibTorch.
    record OnEngine(Engine engine, ScoringOptions options, int batchSize) implements EvalScorers {

        @Override
        public ModelConfig config() {
            return engine.config();
        }

        @Override
        public EvaluatedModel at(int maxDepth) {
            ContinuationScorer scorer = new EngineContinuationScorer(engine, options.forEngine(maxDepth), batchSize);
            return new EvaluatedModel(engine.config(), engine.tokenizer(), scorer, maxDepth);
        }

        @Override
        public void close() {
            engine.close();
        }
    }
}
