package dev.saiki.eval.certificate;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.ContentHash;
import dev.saiki.checkpoint.Manifest;
import dev.saiki.checkpoint.provenance.Calibration;
import dev.saiki.checkpoint.provenance.OnePassCertificate;
import dev.saiki.checkpoint.provenance.OnePassDifference;
import dev.saiki.checkpoint.safetensors.StoredTensor;
import dev.saiki.eval.ClusterMean;
import dev.saiki.eval.Estimate.Cluster;
import dev.saiki.eval.Interval;
import dev.saiki.eval.TextScore;
import dev.saiki.eval.TextScorer;
import dev.saiki.eval.TokenViews;
import dev.saiki.io.InputException;
import dev.saiki.model.ModelWeights;
import dev.saiki.model.Precision;
import dev.saiki.model.ScoreOptions;
import dev.saiki.model.TeacherForcedScorer;
import dev.saiki.model.routing.RoutingRequest;
import dev.saiki.text.tokenizer.Tokenizer;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A measurement of a deepened model's loss against its base's loss, at effort settings and, if training
/// changed tensors that one pass uses, also with one pass.
///
/// Both models read the same windows of the same text, in float32, and the difference is paired by document. The
/// interval of the difference comes from a bootstrap over documents, or over windows if the documents are too few.
public final class OnePassMeasurement {

    private final CheckpointDirectory model;
    private final OnePassCertificate certificate;
    private final List<String> changed;
    private final Text text;
    private final TextScorer scorer;
    private final Listener listener;
    private final CheckpointDirectory base;
    private @Nullable TextScore ofBase;

    /// The text that both models read.
    ///
    /// @param name name of the text's source
    /// @param documents token ids of each document, without end-of-text
    /// @param tokenizer tokenizer of both models
    public record Text(String name, List<int[]> documents, Tokenizer tokenizer) {

        /// Copies the list.
        public Text {
            documents = List.copyOf(documents);
        }
    }

    /// A loss compared with the base's loss.
    ///
    /// @param meanDepth mean recursions per token
    /// @param loss loss in nats per token
    /// @param difference loss minus the base's loss, with its interval
    public record Loss(double meanDepth, double loss, Interval difference) {}

    /// A listener to the progress of a measurement.
    @FunctionalInterface
    public interface Listener {

        /// Called when a model has read more of the text.
        ///
        /// @param reader the scored model: the base, one pass or an effort
        /// @param tokens number of tokens that this model has read
        /// @param total number of tokens to read
        void onScored(String reader, long tokens, long total);
    }

    /// Checks that the model was deepened from the base. Reads all tensors of both.
    ///
    /// @param model the deepened model
    /// @param base the model from which the model was deepened
    /// @param text the text that both models read
    /// @param listener receives the progress
    /// @throws InputException if the model was not deepened, if `base` is not its base, or if the text gives fewer
    ///     than two windows
    public OnePassMeasurement(CheckpointDirectory model, CheckpointDirectory base, Text text, Listener listener) {
        this.model = model;
        this.base = base;
        this.text = text;
        this.listener = listener;
        this.certificate = model.manifest()
                .flatMap((Manifest manifest) -> manifest.provenance().onePass())
                .orElseThrow(() -> new InputException(model.path() + ": the manifest must name the base that was"
                        + " deepened, as `saiki train --init-from` writes it, got none"));
        this.changed = certificate.changed(model.config(), model.tensors().values());
        if (changed.contains(OnePassCertificate.CONFIGURATION)) {
            throw new InputException(model.path() + ": " + OnePassCertificate.CONFIGURATION
                    + " must be the one that training wrote, got another one; train again");
        }
        String hash = ContentHash.of(base);
        if (!hash.equals(certificate.base())) {
            throw new InputException(base.path() + ": the base must be the model that " + model.path()
                    + " was deepened from (sha256 " + certificate.base() + "), got one with " + hash);
        }
        int context =
                Math.min(model.config().maxPositionEmbeddings(), base.config().maxPositionEmbeddings());
        this.scorer = TextScorer.of(text.tokenizer(), context);
        if (scorer.windows(text.documents()).size() < 2) {
            throw new InputException(text.name() + ": the text must give at least two windows of up to " + context
                    + " tokens, so that an interval can be computed, got " + scorer.countTokens(text.documents())
                    + " tokens; give more text");
        }
    }

    /// Tells whether one pass equals the base, bit for bit.
    ///
    /// @return whether all tensors used in one pass are unchanged
    public boolean isTheBase() {
        return changed.isEmpty();
    }

    /// Measures one pass.
    ///
    /// @param clock source of the time
    /// @return the entry for the manifest
    /// @throws InputException if one pass equals the base bit for bit
    public OnePassDifference ofOnePass(InstantSource clock) {
        if (isTheBase()) {
            throw new InputException(
                    model.path() + ": with one pass, the model equals its base bit for bit, so there is nothing to"
                            + " measure; `saiki certify check` confirms it");
        }
        TextScore theirs = ofBase();
        TextScore score = score("one pass", model, new ScoreOptions(RoutingRequest.Rule.CAUSAL, 1, Double.NaN));
        Interval difference = difference(score);
        return new OnePassDifference(
                clock.instant(),
                Manifest.currentVersion(),
                certificate.base(),
                hashesOfChanged(model.tensors().values()),
                new OnePassDifference.Text(
                        text.name(),
                        TokenViews.sha256(text.documents(), text.tokenizer()),
                        score.tokens(),
                        score.unit().plural(),
                        score.nll().clusters()),
                score.nll().mean(),
                theirs.nll().mean(),
                new Calibration.Bounded(difference.mean(), difference.low(), difference.high()));
    }

    /// Measures an effort setting.
    ///
    /// @param effort an effort that the model was trained at
    /// @return the loss at that effort; certificates do not contain it
    public Loss atEffort(double effort) {
        TextScore score = score(
                "effort " + effort,
                model,
                new ScoreOptions(RoutingRequest.Rule.CAUSAL, RoutingRequest.UNBOUNDED, effort));
        return new Loss(score.meanDepth(), score.nll().mean(), difference(score));
    }

    private Interval difference(TextScore score) {
        return ClusterMean.of(score.differences(ofBase()), Cluster::sum, Cluster::tokens)
                .interval();
    }

    private Map<String, String> hashesOfChanged(Collection<StoredTensor> stored) {
        return OnePassCertificate.hashes(stored.stream()
                .filter(tensor -> changed.contains(tensor.name()))
                .toList());
    }

    /// The base's score, which is computed once.
    private TextScore ofBase() {
        TextScore known = ofBase;
        if (known == null) {
            known = score("the base", base, ScoreOptions.CAUSAL);
            ofBase = known;
        }
        return known;
    }

    private TextScore score(String reader, CheckpointDirectory checkpoint, ScoreOptions options) {
        long total = scorer.countTokens(text.documents());
        try (ModelWeights weights = ModelWeights.load(checkpoint);
                TeacherForcedScorer torch = new TeacherForcedScorer(weights, Precision.FLOAT32)) {
            return scorer.score(
                    torch::score,
                    checkpoint.config().numRecursions(),
                    text.documents(),
                    options,
                    tokens -> listener.onScored(reader, tokens, total));
        }
    }
}
