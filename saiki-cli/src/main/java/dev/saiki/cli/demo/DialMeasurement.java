package dev.saiki.cli.demo;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.config.Routing;
import dev.saiki.cli.model.CertificateText;
import dev.saiki.model.ModelWeights;
import dev.saiki.model.Precision;
import dev.saiki.model.ScoreOptions;
import dev.saiki.model.ScoredSequence;
import dev.saiki.model.TeacherForcedScorer;
import dev.saiki.model.routing.RoutingRequest;
import dev.saiki.text.dataset.BatchLoader;
import dev.saiki.text.dataset.LoaderPosition;
import dev.saiki.text.dataset.TokenDataset;
import dev.saiki.train.TrainingOutcome;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/// A measurement of a deepened model at each setting of its dial against the base, and against an adapter,
/// on the same held-out rows.
final class DialMeasurement {

    private static final int ROW = 256;
    private static final int MOST_ROWS = 160;
    private static final int ROWS_OF_LOGITS = 8;

    /// Of a normal distribution; rows are many.
    private static final double DEVIATIONS_OF_95_PERCENT = 1.96;

    private final CheckpointDirectory base;
    private final CheckpointDirectory deepened;
    private final CheckpointDirectory adapted;
    private final List<int[]> rows;

    /// The numbers of parameters that were trained.
    ///
    /// @param ofDeepened of the deepened model
    /// @param ofAdapter of the adapter
    record Trained(long ofDeepened, long ofAdapter) {}

    /// @param adapted the base with the adapter in its weights
    DialMeasurement(
            CheckpointDirectory base, CheckpointDirectory deepened, CheckpointDirectory adapted, TokenDataset dataset) {
        this.base = base;
        this.deepened = deepened;
        this.adapted = adapted;
        BatchLoader loader = new BatchLoader(dataset.validation(), ROW, 0, LoaderPosition.START);
        this.rows = Arrays.stream(loader.next((int) Math.min(MOST_ROWS, loader.rowsPerEpoch())))
                .map(row -> Arrays.copyOf(row, ROW))
                .toList();
    }

    OwnModelFindings findings(
            String text, TrainingOutcome outcome, String verification, CertificateText certificate, Trained trained) {
        double[] adapterLosses = lossesOf(adapted);
        try (ModelWeights before = ModelWeights.load(base);
                ModelWeights after = ModelWeights.load(deepened);
                TeacherForcedScorer ofBase = new TeacherForcedScorer(before, Precision.FLOAT32);
                TeacherForcedScorer ofDeepened = new TeacherForcedScorer(after, Precision.FLOAT32)) {
            double[] baseLosses = losses(ofBase.score(rows, ScoreOptions.CAUSAL));
            List<OwnModelFindings.AtEffort> dial = new ArrayList<>();
            double[] best = {};
            for (double effort : efforts()) {
                List<ScoredSequence> scored = ofDeepened.score(rows, options(effort));
                double[] losses = losses(scored);
                dial.add(new OwnModelFindings.AtEffort(
                        effort, depth(scored), mean(losses), difference(losses, baseLosses)));
                best = best.length == 0 || mean(losses) < mean(best) ? losses : best;
            }
            return new OwnModelFindings(
                    text,
                    outcome.step(),
                    outcome.tokensSeen(),
                    (long) rows.size() * (ROW - 1),
                    new OwnModelFindings.Guarantee(
                            verification, certificate.line(), certificate.holds(), equalLogits(ofBase, ofDeepened)),
                    mean(baseLosses),
                    dial,
                    new OwnModelFindings.Control(
                            trained.ofAdapter(),
                            trained.ofDeepened(),
                            mean(adapterLosses),
                            difference(adapterLosses, baseLosses),
                            difference(best, adapterLosses)));
        }
    }

    private double[] lossesOf(CheckpointDirectory model) {
        try (ModelWeights weights = ModelWeights.load(model);
                TeacherForcedScorer scorer = new TeacherForcedScorer(weights, Precision.FLOAT32)) {
            return losses(scorer.score(rows, ScoreOptions.CAUSAL));
        }
    }

    private List<Double> efforts() {
        List<Double> efforts = new ArrayList<>(List.of(0.0));
        if (deepened.config().routing() instanceof Routing.ExpertThreshold threshold) {
            efforts.addAll(threshold.effortGrid());
        }
        return efforts;
    }

    private static ScoreOptions options(double effort) {
        return effort == 0
                ? new ScoreOptions(RoutingRequest.Rule.CAUSAL, 1, Double.NaN)
                : new ScoreOptions(RoutingRequest.Rule.CAUSAL, RoutingRequest.UNBOUNDED, effort);
    }

    private static OwnModelFindings.Difference difference(double[] losses, double[] others) {
        double[] differences = IntStream.range(0, losses.length)
                .mapToDouble(row -> losses[row] - others[row])
                .toArray();
        double difference = mean(differences);
        double squares = Arrays.stream(differences)
                .map(each -> (each - difference) * (each - difference))
                .sum();
        double error = Math.sqrt(squares / (losses.length - 1) / losses.length);
        return new OwnModelFindings.Difference(difference, DEVIATIONS_OF_95_PERCENT * error);
    }

    private static double depth(List<ScoredSequence> scored) {
        return scored.stream()
                .flatMapToInt(row -> Arrays.stream(row.depths()))
                .average()
                .orElseThrow();
    }

    /// Nats a token of each row.
    private static double[] losses(List<ScoredSequence> scored) {
        return scored.stream()
                .mapToDouble(row -> -IntStream.range(1, row.logprobs().length)
                                .mapToDouble(t -> row.logprobs()[t])
                                .sum()
                        / (row.logprobs().length - 1))
                .toArray();
    }

    private static double mean(double[] values) {
        return Arrays.stream(values).average().orElseThrow();
    }

    /// How many logits of one pass are the base's to the bit; -1 if one is not.
    private long equalLogits(TeacherForcedScorer ofBase, TeacherForcedScorer ofDeepened) {
        long equal = 0;
        for (int[] row : rows.subList(0, Math.min(ROWS_OF_LOGITS, rows.size()))) {
            float[] expected = ofBase.logits(List.of(row), ScoreOptions.CAUSAL);
            if (!Arrays.equals(expected, ofDeepened.logits(List.of(row), options(0)))) {
                return -1;
            }
            equal += expected.length;
        }
        return equal;
    }
}
