package dev.saiki.study.statistics;

import dev.saiki.eval.Estimate;
import dev.saiki.study.plan.StudyEvaluation;
import dev.saiki.study.results.Measurement;
import dev.saiki.study.results.RunPurpose;
import dev.saiki.study.results.RunResult;
import dev.saiki.study.results.StudyResults;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.ToDoubleBiFunction;
import java.util.stream.IntStream;

/// The held-out losses of a study's grid, by document and seed.
final class LossSample {

    /// The cell of a model in the grid, at one evaluation; its runs differ only in their seed.
    ///
    /// @param family name of the family
    /// @param size name of the size
    /// @param budget the length of the training, in the unit of the study
    /// @param evaluation name of the evaluation
    record Cell(String family, String size, double budget, String evaluation) {

        /// The model with causal routing.
        Cell(String family, String size, double budget) {
            this(family, size, budget, StudyEvaluation.HeldOutLoss.CAUSAL.name());
        }

        /// The cell of the same model at another evaluation.
        Cell at(String other) {
            return new Cell(family, size, budget, other);
        }

        boolean isCausal() {
            return evaluation.equals(StudyEvaluation.HeldOutLoss.CAUSAL.name());
        }
    }

    /// An evaluation at a budget, over all families and sizes.
    private record Change(double budget, String evaluation) {}

    private final int[] place;
    private final long[] tokens;
    private final Map<Cell, List<RunResult>> runs = new LinkedHashMap<>();
    private final Map<Cell, double[]> sums = new LinkedHashMap<>();
    private final Map<Double, SeedVariance> seedVariances = new LinkedHashMap<>();
    private final Map<Change, SeedVariance> changeVariances = new LinkedHashMap<>();

    private LossSample(int[] place, long[] tokens) {
        this.place = place;
        this.tokens = tokens;
    }

    /// Collects the losses of the grid's runs.
    static LossSample of(StudyResults results) {
        List<Integer> documents = results.data().rowDocuments();
        List<Long> rowTokens = results.data().rowTokens();
        int[] place = places(documents);
        long[] tokens = new long[Arrays.stream(place).max().orElse(-1) + 1];
        for (int row = 0; row < place.length; row++) {
            tokens[place[row]] += rowTokens.get(row);
        }
        LossSample sample = new LossSample(place, tokens);
        for (RunResult run : results.runs()) {
            if (run.purpose() == RunPurpose.GRID) {
                for (Measurement measured : run.measurements()) {
                    Cell cell = new Cell(run.family(), run.size(), run.budget(), measured.name());
                    sample.runs.computeIfAbsent(cell, _ -> new ArrayList<>()).add(run);
                }
            }
        }
        sample.runs.forEach((cell, seeds) -> {
            List<Measurement> measured = seeds.stream()
                    .map(run -> run.measurement(cell.evaluation()).orElseThrow())
                    .toList();
            sample.sums.put(cell, sums(measured, place, tokens.length));
        });
        results.budgets().forEach(budget -> sample.seedVariances.put(budget, sample.pooledOver(budget)));
        for (Cell cell : sample.runs.keySet()) {
            Change change = new Change(cell.budget(), cell.evaluation());
            sample.changeVariances.computeIfAbsent(change, sample::pooledOver);
        }
        return sample;
    }

    /// Numbers the documents that have scored rows, from 0.
    private static int[] places(List<Integer> documents) {
        Map<Integer, Integer> numbers = new LinkedHashMap<>();
        int[] place = new int[documents.size()];
        for (int row = 0; row < place.length; row++) {
            place[row] = numbers.computeIfAbsent(documents.get(row), _ -> numbers.size());
        }
        return place;
    }

    /// Sum of the losses of each document's tokens, averaged over seeds.
    private static double[] sums(List<Measurement> seeds, int[] place, int documents) {
        double[] sums = new double[documents];
        for (Measurement measured : seeds) {
            List<Double> rows = measured.rowNlls();
            for (int row = 0; row < place.length; row++) {
                sums[place[row]] += rows.get(row) / seeds.size();
            }
        }
        return sums;
    }

    /// The variance over seeds, pooled over all cells of a budget, since two seeds of a single cell carry almost
    /// no information.
    private SeedVariance pooledOver(double budget) {
        return pooled(
                cell -> cell.isCausal() && cell.budget() == budget,
                (run, _) -> run.heldOut().nll());
    }

    /// The variance over seeds of an evaluation's effect on the loss of a run.
    private SeedVariance pooledOver(Change change) {
        return pooled(
                cell -> cell.budget() == change.budget() && cell.evaluation().equals(change.evaluation()),
                (run, evaluation) -> run.measurement(evaluation).orElseThrow().nll()
                        - run.heldOut().nll());
    }

    private SeedVariance pooled(Predicate<Cell> which, ToDoubleBiFunction<RunResult, String> quantity) {
        List<List<Double>> models = new ArrayList<>();
        runs.forEach((cell, seeds) -> {
            if (which.test(cell)) {
                models.add(seeds.stream()
                        .map(run -> quantity.applyAsDouble(run, cell.evaluation()))
                        .toList());
            }
        });
        return SeedVariance.pooled(models);
    }

    boolean has(Cell cell) {
        return runs.containsKey(cell);
    }

    /// The runs of a cell, one per seed.
    List<RunResult> runs(Cell cell) {
        return runs.getOrDefault(cell, List.of());
    }

    /// The number of held-out documents.
    int documents() {
        return tokens.length;
    }

    SeedVariance seedVariance(double budget) {
        return seedVariances.getOrDefault(budget, new SeedVariance(0, 0));
    }

    /// The variance over seeds of an evaluation's effect on the loss, pooled over all cells with that
    /// evaluation and budget; the effect varies with the seed if a threshold is chosen for each run.
    SeedVariance changeVariance(Cell cell) {
        return changeVariances.getOrDefault(new Change(cell.budget(), cell.evaluation()), new SeedVariance(0, 0));
    }

    /// The loss of a cell, averaged over tokens and seeds.
    double loss(Cell cell) {
        double[] ones = new double[tokens.length];
        Arrays.fill(ones, 1);
        return loss(cell, ones);
    }

    /// The loss of a cell with a weight for each document.
    double loss(Cell cell, double[] weights) {
        double[] nlls = sums.getOrDefault(cell, new double[tokens.length]);
        double sum = 0;
        double total = 0;
        for (int document = 0; document < tokens.length; document++) {
            sum += weights[document] * nlls[document];
            total += weights[document] * tokens[document];
        }
        return sum / total;
    }

    /// The difference of two cells' losses, paired, with its error over documents.
    Estimate difference(Cell first, Cell second) {
        double[] mine = sums.getOrDefault(first, new double[tokens.length]);
        double[] theirs = sums.getOrDefault(second, new double[tokens.length]);
        return Estimate.overTokens(clusters(mine, theirs));
    }

    /// The difference of two measurements of one checkpoint, paired, with its error over documents.
    Estimate difference(Measurement first, Measurement second) {
        double[] mine = sums(List.of(first), place, tokens.length);
        double[] theirs = sums(List.of(second), place, tokens.length);
        return Estimate.overTokens(clusters(mine, theirs));
    }

    private List<Estimate.Cluster> clusters(double[] mine, double[] theirs) {
        return IntStream.range(0, tokens.length)
                .mapToObj(document -> new Estimate.Cluster(tokens[document], mine[document] - theirs[document]))
                .toList();
    }
}
