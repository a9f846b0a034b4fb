package dev.saiki.cli.evaluation;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.cli.model.ScoringOptions;
import dev.saiki.engine.Engine;
import dev.saiki.engine.settings.EngineOptions;
import dev.saiki.engine.settings.WeightFormat;
import dev.saiki.eval.TorchBatchExecutor;
import dev.saiki.eval.certificate.DepthScorer;
import dev.saiki.eval.tasks.ContinuationScorer;
import dev.saiki.eval.tasks.EngineContinuationScorer;
import dev.saiki.model.Continuation;
import dev.saiki.model.ModelWeights;
import dev.saiki.model.ScoreOptions;
import dev.saiki.model.ScoredContinuation;
import dev.saiki.model.routing.RoutingRequest;
import java.util.List;

/// A model loaded to score texts at several depths and efforts: by LibTorch in float32, or by the engine.
public sealed interface ScoringModel extends DepthScorer, AutoCloseable {

    /// Loads a model.
    ///
    /// @param checkpoint the model
    /// @param engine the backend
    /// @param weights number format of the weights; LibTorch computes in float32
    /// @param batchSize number of texts scored together
    static ScoringModel open(
            CheckpointDirectory checkpoint, ScoringOptions.Computing engine, WeightFormat weights, int batchSize) {
        return switch (engine) {
            case TORCH -> new OfTorch(ModelWeights.load(checkpoint), batchSize);
            case CPU -> {
                EngineOptions options = EngineOptions.builder()
                        .weights(weights)
                        .maxSequences(batchSize)
                        .maxWaiting(batchSize)
                        .build();
                yield new OfEngine(Engine.withoutText(checkpoint, options), batchSize);
            }
        };
    }

    /// The scorer for a routing rule, a depth bound and an effort; the scorer is closed together with the
    /// model.
    ContinuationScorer at(ScoreOptions options);

    @Override
    default List<ScoredContinuation> score(List<Continuation> texts, double effort, int maxDepth) {
        return at(new ScoreOptions(RoutingRequest.Rule.CAUSAL, maxDepth, effort))
                .score(texts);
    }

    @Override
    void close();

    /// LibTorch, which computes the whole text in one pass.
    record OfTorch(ModelWeights model, TorchBatchExecutor batches) implements ScoringModel {

        OfTorch(ModelWeights model, int batchSize) {
            this(
                    model,
                    new TorchBatchExecutor(
                            model, batchSize, Runtime.getRuntime().availableProcessors()));
        }

        @Override
        public ContinuationScorer at(ScoreOptions options) {
            return continuations -> batches.score(continuations, options);
        }

        @Override
        public void close() {
            batches.close();
            model.close();
        }
    }

    /// The engine, with a paged KV cache, as on a server.
    record OfEngine(Engine engine, int batchSize) implements ScoringModel {

        @Override
        public ContinuationScorer at(ScoreOptions options) {
            return new EngineContinuationScorer(engine, ScoringOptions.route(options), batchSize);
        }

        @Override
        public void close() {
            engine.close();
        }
    }
}
