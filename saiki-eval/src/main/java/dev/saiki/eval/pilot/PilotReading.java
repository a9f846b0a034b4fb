package dev.saiki.eval.pilot;

import dev.saiki.eval.pilot.PilotResult.Comparison;
import dev.saiki.eval.pilot.PilotResult.Model;
import dev.saiki.eval.report.Numbers;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What the numbers of a pilot mean, in plain language.
///
/// A difference whose interval holds zero is never called better or worse.
public final class PilotReading {

    /// Shares of tokens further apart than this are worth a remark.
    private static final double NOTABLE_SHARE = 0.1;

    /// A model less than this many nats below the floor has hardly learnt anything.
    private static final double CLEARLY_BELOW = 0.3;

    private static final int DECIMALS = 3;

    private final PilotResult result;

    private PilotReading(PilotResult result) {
        this.result = result;
    }

    /// Gives the answer in one sentence.
    ///
    /// @param result a pilot's result
    /// @return the sentence
    public static String answer(PilotResult result) {
        return new PilotReading(result).answer();
    }

    /// Explains the answer.
    ///
    /// @param result a pilot's result
    /// @return some sentences to a paragraph
    public static List<String> explanation(PilotResult result) {
        return new PilotReading(result).explanation();
    }

    private String answer() {
        Comparison comparison = result.comparisons().getFirst();
        String models = comparison.model() + " and the " + comparison.baseline() + " model";
        if (!haveLearnt()) {
            return "Too short a pilot, or too little text, to compare " + models + ".";
        }
        if (Double.isNaN(comparison.low())) {
            return "There is too little held-out text to compare " + models + ".";
        }
        if (!comparison.isClear()) {
            return "At equal training compute this pilot cannot tell " + models + " apart: their losses differ by "
                    + Numbers.signed(comparison.difference(), DECIMALS)
                    + " nats per token, and the 95 % interval (" + interval(comparison) + ") holds zero.";
        }
        String verdict = comparison.difference() < 0 ? " beats " : " loses to ";
        return "At equal training compute " + comparison.model() + verdict + "the " + comparison.baseline()
                + " model on held-out text: its loss is " + distance(comparison) + ".";
    }

    private List<String> explanation() {
        List<String> paragraphs = new ArrayList<>();
        paragraphs.add(training());
        paragraphs.add(use());
        paragraphs.add(recursive() + " " + floor());
        routerRemark().ifPresent(paragraphs::add);
        gainRemark().ifPresent(paragraphs::add);
        paragraphs.add(
                "Each model was trained once, with one seed. The intervals say how much the result may owe to the"
                        + " choice of held-out text; they do not cover the luck of the initial weights, nor what a"
                        + " longer training would change.");
        return paragraphs;
    }

    private String training() {
        Model mor = result.mor();
        Model vanilla = result.vanilla();
        return "All three models were given " + Numbers.metric(result.trainingForwardFlops())
                + "FLOP of training on the same text. A token costs " + mor.name() + " less, so it saw "
                + Numbers.metric(mor.trainingTokens()) + " tokens where the vanilla model saw "
                + Numbers.metric(vanilla.trainingTokens()) + " ("
                + Numbers.signed(100.0 * mor.trainingTokens() / vanilla.trainingTokens() - 100, 0) + " %), with "
                + percent((double) mor.nonEmbeddingParameters(), (double) vanilla.nonEmbeddingParameters())
                + " of its parameters beside the embedding. The steps took " + minutes(mor.trainingSeconds())
                + " against " + minutes(vanilla.trainingSeconds()) + " minutes.";
    }

    private String use() {
        Model mor = result.mor();
        Model vanilla = result.vanilla();
        return "In use, at the depths measured (" + Numbers.fixed(mor.meanDepth(), 2)
                + " recursions a token on average), "
                + mor.name() + " takes " + percent(mor.flopsPerToken(), vanilla.flopsPerToken())
                + " of the vanilla model's compute for a token and "
                + percent(mor.cacheBytesPerToken(), vanilla.cacheBytesPerToken()) + " of its cache.";
    }

    private String recursive() {
        Comparison comparison = result.comparisons().getLast();
        String baseline =
                "the fixed-depth model " + comparison.baseline() + ", which has the same layers and no router";
        if (Double.isNaN(comparison.low())) {
            return "Nothing can be said about " + baseline + ".";
        }
        return comparison.isClear()
                ? "Against " + baseline + ", its loss is " + distance(comparison) + "."
                : "From " + baseline + ", it cannot be told apart (" + Numbers.signed(comparison.difference(), DECIMALS)
                        + ", interval " + interval(comparison) + ").";
    }

    private String floor() {
        double worst = result.models().stream().mapToDouble(Model::nll).max().orElseThrow();
        double best = result.models().stream().mapToDouble(Model::nll).min().orElseThrow();
        double unigram = result.unigram().nll();
        String stand = "A model that knows only how frequent each token is has a loss of "
                + Numbers.fixed(unigram, DECIMALS) + "; ";
        if (!haveLearnt()) {
            return stand + "the three are at " + Numbers.fixed(best, DECIMALS) + " to " + Numbers.fixed(worst, DECIMALS)
                    + ", so what they have learnt is little and differences between them mean little: give the pilot"
                    + " more minutes or more text.";
        }
        return stand + "all three are far below it, at " + Numbers.fixed(best, DECIMALS) + " to "
                + Numbers.fixed(worst, DECIMALS) + ".";
    }

    private boolean haveLearnt() {
        return result.models().stream()
                .allMatch(model -> model.nll() < result.unigram().nll() - CLEARLY_BELOW);
    }

    /// Says what a gain may be owed to, lest it be taken for the router's.
    private Optional<String> gainRemark() {
        Comparison comparison = result.comparisons().getLast();
        return comparison.isClear() && comparison.difference() < 0 && haveLearnt()
                ? Optional.of("The gain is that of the whole recipe: the gate, which adds a recursion's output gently,"
                        + " the tokens that fit into the same compute, and the router's choice. A pilot does not tell them"
                        + " apart; for that, train a model with random routing too.")
                : Optional.empty();
    }

    /// Says so if the causal decision sends another share of tokens on than training did.
    private Optional<String> routerRemark() {
        Model mor = result.mor();
        double measured = 1 - mor.shareOfTokensPerDepth().getFirst();
        double trained = mor.trainedShareOfTokensPerStep().get(1);
        if (Math.abs(measured - trained) < NOTABLE_SHARE) {
            return Optional.empty();
        }
        return Optional.of("The router has not settled: deciding token by token, without seeing what comes"
                + " after, it sends " + Numbers.percent(measured, 0) + " of the tokens into the second recursion, where"
                + " training selected " + Numbers.percent(trained, 0)
                + ". Compute and cache above are those of the share measured.");
    }

    private static String distance(Comparison comparison) {
        boolean lower = comparison.difference() < 0;
        double low = lower ? -comparison.high() : comparison.low();
        double high = lower ? -comparison.low() : comparison.high();
        return Numbers.fixed(Math.abs(comparison.difference()), DECIMALS) + " nats per token "
                + (lower ? "lower" : "higher") + " (95 % interval " + Numbers.fixed(low, DECIMALS) + " to "
                + Numbers.fixed(high, DECIMALS) + ")";
    }

    private static String interval(Comparison comparison) {
        return Numbers.signed(comparison.low(), DECIMALS) + " to " + Numbers.signed(comparison.high(), DECIMALS);
    }

    private static String percent(double part, double whole) {
        return Numbers.percent(part / whole, 0);
    }

    private static String minutes(double seconds) {
        return Numbers.fixed(seconds / 60, 1);
    }
}
