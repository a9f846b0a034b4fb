package dev.saiki.cli.demo;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.config.Routing;
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

/// A measurement of a deepened model at each setting of its dial against the base, on the same held-out rows.
final class DialMeasurement {

    private static final int ROW = 256;
    private static final int MOST_ROWS = 160;
    private static final int ROWS_OF_LOGITS = 8;

    /// Of a normal distribution; rows are many.
    private static final double DEVIATIONS_OF_95_PERCENT = 1.96;

    private final CheckpointDirectory base;
    private final CheckpointDirectory deepened;
    private final List<int[]> rows;

    DialMeasurement(CheckpointDirectory base, CheckpointDirectory deepened, TokenDataset dataset) {
        this.base = base;
        this.deepened = deepened;
        BatchLoader loader = new BatchLoader(dataset.validation(), ROW, 0, LoaderPosition.START);
        this.rows = Arrays.stream(loader.next((int) Math.min(MOST_ROWS, loader.rowsPerEpoch())))
                .map(row -> Arrays.copyOf(row, ROW))
                .toList();
    }

    OwnModelFindings findings(
            String text, TrainingOutcome outcome, String verification, String certificate, boolean isCertified) {
        try (ModelWeights before = ModelWeights.load(base);
                ModelWeights after = ModelWeights.load(deepened);
                TeacherForcedScorer ofBase = new TeacherForcedScorer(before, Precision.FLOAT32);
                TeacherForcedScorer ofDeepened = new TeacherForcedScorer(after, Precision.FLOAT32)) {
            double[] baseLosses = losses(ofBase.score(rows, ScoreOptions.CAUSAL));
            List<OwnModelFindings.AtEffort> dial = new ArrayList<>();
            for (double effort : efforts()) {
                dial.add(at(effort, ofDeepened.score(rows, options(effort)), baseLosses));
            }
            return new OwnModelFindings(
                    text,
                    outcome.step(),
                    outcome.tokensSeen(),
                    (long) rows.size() * (ROW - 1),
                    verification,
                    certificate,
                    isCertified,
                    equalLogits(ofBase, ofDeepened),
                    mean(baseLosses),
                    dial);
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

    private static OwnModelFindings.AtEffort at(double effort, List<ScoredSequence> scored, double[] baseLosses) {
        double[] losses = losses(scored);
        double[] differences = IntStream.range(0, losses.length)
                .mapToDouble(row -> losses[row] - baseLosses[row])
                .toArray();
        double difference = mean(differences);
        double squares = Arrays.stream(differences)
                .map(each -> (each - difference) * (each - difference))
                .sum();
        double error = Math.sqrt(squares / (losses.length - 1) / losses.length);
        double depth = scored.stream()
                .flatMapToInt(row -> Arrays.stream(row.depths()))
                .average()
                .orElseThrow();
        return new OwnModelFindings.AtEffort(effort, depth, mean(losses), difference, DEVIATIONS_OF_95_PERCENT * error);
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
