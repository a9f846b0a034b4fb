package dev.saiki.train;

import dev.saiki.checkpoint.config.Routing;
import dev.saiki.io.InputException;
import dev.saiki.model.ModelWeights;
import dev.saiki.model.ScoreOptions;
import dev.saiki.model.ScoredSequence;
import dev.saiki.model.routing.DepthOverrides;
import dev.saiki.model.routing.RoutingRequest;
import dev.saiki.text.dataset.AnswerRow;
import dev.saiki.text.dataset.BatchLoader;
import dev.saiki.text.dataset.LoaderPosition;
import dev.saiki.text.dataset.TokenDataset;
import dev.saiki.text.tokenizer.Tokenizer;
import dev.saiki.train.parallel.RowScorer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/// The rows of a validation: the same rows in the same order for every run on the same data.
///
/// @param rows token ids of each row
/// @param answers the prediction mask of each row; empty if all tokens but the first are predicted
/// @param bytesOfToken number of bytes of each token
/// @param text text rows whose loss is reported in addition to that of these conversations; empty if there are none
@SuppressWarnings("ArrayRecordComponent") // Never compared.
record ValidationRows(List<int[]> rows, List<boolean[]> answers, int[] bytesOfToken, Optional<ValidationRows> text) {

    /// A fixed seed, independent of the run's: runs with different seeds are compared on the same text.
    private static final long SEED = 0;

    /// The minimum number of rows for comparing depths; with fewer, a difference may be due to chance. A study's
    /// runs validate on only two rows, without this comparison, because the study measures its models itself.
    private static final int FEWEST_FOR_DEPTHS = 16;

    /// Draws rows at random from the held-out split.
    ///
    /// @param answersAlone whether only the tokens of marked answers are predicted
    /// @throws InputException if the split is too short for a single row, or lacks the marked answers to predict
    static ValidationRows draw(
            TokenDataset dataset, Tokenizer tokenizer, int sequenceLength, int wanted, boolean answersAlone) {
        BatchLoader loader = new BatchLoader(dataset.validation(), sequenceLength, SEED, LoaderPosition.START);
        int count = (int) Math.min(wanted, loader.rowsPerEpoch());
        if (answersAlone) {
            ValidationRows marked = ofAnswers(loader.nextMarked(count), tokenizer, sequenceLength);
            InputException.require(
                    !marked.rows.isEmpty(), "the held-out split", "rows", "rows with marked answers", "none");
            return marked;
        }
        List<int[]> rows = Arrays.stream(loader.next(count))
                .map(row -> Arrays.copyOf(row, sequenceLength))
                .toList();
        return new ValidationRows(rows, List.of(), bytesOfTokens(tokenizer), Optional.empty());
    }

    /// Truncates held-out conversations, whose answers are scored, and skips those without any answer left.
    static ValidationRows ofAnswers(List<AnswerRow> rows, Tokenizer tokenizer, int sequenceLength) {
        List<AnswerRow> read = rows.stream()
                .map(row -> row.cut(sequenceLength))
                .filter(row -> row.numTargets() > 0)
                .toList();
        return new ValidationRows(
                read.stream().map(AnswerRow::ids).toList(),
                read.stream().map(AnswerRow::targets).toList(),
                bytesOfTokens(tokenizer),
                Optional.empty());
    }

    /// Returns these rows together with text rows, whose loss is reported separately.
    ValidationRows beside(ValidationRows running) {
        return new ValidationRows(rows, answers, bytesOfToken, Optional.of(running));
    }

    /// Whether a token of a row is predicted.
    private boolean isPredicted(int row, int position) {
        return position > 0 && (answers.isEmpty() || answers.get(row)[position]);
    }

    /// Scores all rows with causal routing.
    ///
    /// @param scorer distributes the rows over threads and processes
    /// @param maxDepth the maximum number of recursions of a token
    /// @param bestSoFar the loss below which the weights are the best so far
    ValidationReport score(RowScorer scorer, ModelWeights weights, int maxDepth, long step, double bestSoFar) {
        double[] losses = new double[rows.size()];
        double nats = 0;
        long bytes = 0;
        double depths = 0;
        ScoreOptions options = new ScoreOptions(RoutingRequest.Rule.CAUSAL, maxDepth, Double.NaN);
        List<ScoredSequence> scored = scorer.score(weights, rows, (_, _) -> options);
        for (int i = 0; i < losses.length; i++) {
            int number = i;
            int[] row = rows.get(i);
            double rowNats = nats(i, scored.get(i));
            losses[i] = rowNats / numPredicted(i);
            nats += rowNats;
            bytes += IntStream.range(1, row.length)
                    .filter(t -> isPredicted(number, t))
                    .mapToLong(t -> bytesOfToken[row[t]])
                    .sum();
            depths += Arrays.stream(scored.get(i).depths()).average().orElseThrow();
        }
        double mean = mean(losses);
        return new ValidationReport(
                step,
                mean,
                standardError(losses, mean),
                nats / Math.log(2) / bytes,
                depths / losses.length,
                depthShares(scored, weights.config().numRecursions()),
                sides(scored),
                text.map(running -> running.score(scorer, weights, maxDepth, step, Double.NEGATIVE_INFINITY))
                        .map(report ->
                                new ValidationReport.TextLoss(report.crossEntropyLoss(), report.standardError())),
                losses.length,
                mean < bestSoFar);
    }

    /// The share of predicted tokens with a probability above one half. A model with efforts is measured at full
    /// effort, because its default effort may skip the passes that are still learning.
    double shareOfLikelyAnswers(RowScorer scorer, ModelWeights weights, int maxDepth) {
        double effort = weights.config().routing() instanceof Routing.ExpertThreshold ? 1 : Double.NaN;
        ScoreOptions options = new ScoreOptions(RoutingRequest.Rule.CAUSAL, maxDepth, effort);
        List<ScoredSequence> scored = scorer.score(weights, rows, (_, _) -> options);
        return IntStream.range(0, rows.size())
                .flatMap(row -> IntStream.range(1, rows.get(row).length)
                        .filter(t -> isPredicted(row, t))
                        .map(t -> scored.get(row).logprobs()[t] > Math.log(0.5) ? 1 : 0))
                .average()
                .orElse(0);
    }

    private long numPredicted(int row) {
        return IntStream.range(1, rows.get(row).length)
                .filter(t -> isPredicted(row, t))
                .count();
    }

    /// The weight of a row in a mean: its number of predicted tokens; 1 for running text, whose rows are equally
    /// long.
    private double weight(int row) {
        return answers.isEmpty() ? 1 : numPredicted(row);
    }

    /// The mean loss per predicted token.
    private double mean(double[] losses) {
        if (answers.isEmpty()) {
            return Arrays.stream(losses).average().orElseThrow();
        }
        return IntStream.range(0, losses.length)
                        .mapToDouble(row -> weight(row) * losses[row])
                        .sum()
                / IntStream.range(0, losses.length).mapToDouble(this::weight).sum();
    }

    /// The standard error of a mean over rows, or of a ratio of sums if the weights of the rows differ.
    private double standardError(double[] losses, double mean) {
        double total =
                IntStream.range(0, losses.length).mapToDouble(this::weight).sum();
        double squares = IntStream.range(0, losses.length)
                .mapToDouble(row -> weight(row) * (losses[row] - mean))
                .map(difference -> difference * difference)
                .sum();
        int count = losses.length;
        return Math.sqrt(squares * count / (count - 1)) / total;
    }

    private Optional<ValidationReport.Sides> sides(List<ScoredSequence> scored) {
        return answers.isEmpty()
                ? Optional.empty()
                : Optional.of(new ValidationReport.Sides(meanDepth(scored, false), meanDepth(scored, true)));
    }

    private double meanDepth(List<ScoredSequence> scored, boolean ofAnswers) {
        return IntStream.range(0, scored.size())
                .flatMap(row -> IntStream.range(0, rows.get(row).length)
                        .filter(t -> isPredicted(row, t) == ofAnswers)
                        .map(t -> scored.get(row).depths()[t]))
                .average()
                .orElse(Double.NaN);
    }

    /// Scores all rows at each uniform depth.
    ///
    /// @param scorer distributes the rows over threads and processes
    /// @return mean losses by depth, from 1, in nats; empty if no router decides the depth, or there are too few
    ///     rows
    List<Double> lossesAtDepths(RowScorer scorer, ModelWeights weights) {
        if (weights.config().routing() instanceof Routing.None || rows.size() < FEWEST_FOR_DEPTHS) {
            return List.of();
        }
        return IntStream.rangeClosed(1, weights.config().numRecursions())
                .mapToObj(depth -> scorer.score(
                        weights,
                        rows,
                        (first, end) -> ScoreOptions.CAUSAL.withForced(
                                DepthOverrides.uniform(rows.subList(first, end), depth))))
                .map(scored -> mean(IntStream.range(0, scored.size())
                        .mapToDouble(row -> nats(row, scored.get(row)) / numPredicted(row))
                        .toArray()))
                .toList();
    }

    private static List<Double> depthShares(List<ScoredSequence> scored, int numRecursions) {
        long tokens = scored.stream().mapToLong(row -> row.depths().length).sum();
        return IntStream.rangeClosed(1, numRecursions)
                .mapToObj(depth -> (double) scored.stream()
                                .flatMapToInt(row -> Arrays.stream(row.depths()))
                                .filter(taken -> taken == depth)
                                .count()
                        / tokens)
                .toList();
    }

    private double nats(int row, ScoredSequence scored) {
        return -IntStream.range(1, scored.logprobs().length)
                .filter(t -> isPredicted(row, t))
                .mapToDouble(t -> scored.logprobs()[t])
                .sum();
    }

    private static int[] bytesOfTokens(Tokenizer tokenizer) {
        return IntStream.range(0, tokenizer.vocabSize())
                .map(id -> id == tokenizer.endOfTextId() ? 0 : tokenizer.tokenBytes(id).length)
                .toArray();
    }
}
