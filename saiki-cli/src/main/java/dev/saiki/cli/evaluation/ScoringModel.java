package dev.saiki.cli.evaluation;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.engine.Engine;
import dev.saiki.engine.settings.EngineOptions;
import dev.saiki.engine.settings.RouteSettings;
import dev.saiki.engine.settings.WeightFormat;
import dev.saiki.eval.certificate.DepthScorer;
import dev.saiki.eval.tasks.EngineContinuationScorer;
import dev.saiki.eval.tasks.TorchContinuationScorer;
import dev.saiki.model.Continuation;
import dev.saiki.model.ModelWeights;
import dev.saiki.model.ScoreOptions;
import dev.saiki.model.ScoredContinuation;
import dev.saiki.model.routing.RoutingRequest;
import java.util.List;

/// A model loaded to score texts at several efforts: by LibTorch in float32, else by the engine.
public sealed interface ScoringModel extends DepthScorer, AutoCloseable {

    /// The number of texts per call.
    int BATCH = 32;

    /// Loads a model.
    ///
    /// @param checkpoint the model
    /// @param weights number format of its weights
    static ScoringModel of(CheckpointDirectory checkpoint, WeightFormat weights) {
        return weights == WeightFormat.FLOAT32
                ? new OfTorch(ModelWeights.load(checkpoint))
                : new OfEngine(Engine.withoutText(
                        checkpoint, EngineOptions.builder().weights(weights).build()));
    }

    @Override
    void close();

    /// The whole text at once.
    record OfTorch(ModelWeights model) implements ScoringModel {

        @Override
        public List<ScoredContinuation> score(List<Continuation> texts, double effort, int maxDepth) {
            ScoreOptions options = new ScoreOptions(RoutingRequest.Rule.CAUSAL, maxDepth, effort);
            int workers = Runtime.getRuntime().availableProcessors();
            try (TorchContinuationScorer scorer = new TorchContinuationScorer(model, options, BATCH, workers)) {
                return scorer.score(texts);
            }
        }

        @Override
        public void close() {
            model.close();
        }
    }

    /// The engine, with a paged KV cache, as on a server.
    record OfEngine(Engine engine) implements ScoringModel {

        @Override
        public List<ScoredContinuation> score(List<Continuation> texts, double effort, int maxDepth) {
            RouteSettings route =
                    RouteSettings.builder().effort(effort).maxDepth(maxDepth).build();
            return new EngineContinuationScorer(engine, route, BATCH).score(texts);
        }

        @Override
        public void close() {
            engine.close();
        }
    }
}
