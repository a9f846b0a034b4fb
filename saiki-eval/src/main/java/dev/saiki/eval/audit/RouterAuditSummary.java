package dev.saiki.eval.audit;

import dev.saiki.eval.Interval;
import dev.saiki.eval.Verdict;
import dev.saiki.eval.audit.RouterAudit.Calibration;
import dev.saiki.eval.audit.RouterAudit.Dead;
import dev.saiki.eval.audit.RouterAudit.DepthBy;
import dev.saiki.eval.audit.RouterAudit.Intervention;
import dev.saiki.eval.audit.RouterAudit.NearThreshold;
import dev.saiki.eval.audit.RouterAudit.PolicyComparison;
import dev.saiki.eval.audit.RouterAudit.UniformDepth;
import dev.saiki.eval.audit.StepGain.RankedGain;
import dev.saiki.eval.format.Numbers;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/// An audit in plain language.
///
/// A difference whose interval contains zero is never called a gain or a loss.
public final class RouterAuditSummary {

    private static final int DECIMALS = 4;

    /// Area under the ROC curve of a random guess.
    private static final double COIN = 0.5;

    private final RouterAudit audit;

    private RouterAuditSummary(RouterAudit audit) {
        this.audit = audit;
    }

    /// Summarises the findings, beginning with the answer.
    ///
    /// @param audit an audit
    /// @return one finding per entry
    public static List<String> findings(RouterAudit audit) {
        return new RouterAuditSummary(audit).findings();
    }

    private List<String> findings() {
        List<String> findings = new ArrayList<>();
        findings.add(worth());
        findings.add(capture());
        findings.add(area());
        if (audit.isRouted()) {
            findings.add(againstChance());
            findings.add(againstLessSight());
        }
        findings.add(againstUniformDepth());
        if (audit.isRouted()) {
            findings.add(change(1));
        }
        findings.add(change(-1));
        if (audit.isRouted()) {
            findings.add(calibration());
            findings.add(whatDepthFollows());
            findings.add(dead());
        }
        if (audit.data().hasFewClusters()) {
            findings.add(tooLittleText());
        }
        findings.add("The intervals cover the choice of text, not the variation between trainings: one checkpoint was"
                + " audited, on one text. All depths are tried in this model; a model trained with a random router or"
                + " another fixed depth may do better. Hindsight uses the next token, so no router captures all of"
                + " hindsight's gain.");
        return findings;
    }

    private String tooLittleText() {
        RouterAudit.AuditedText data = audit.data();
        return "The text has only " + data.clusters() + " " + data.clusterUnit() + "; with fewer than "
                + RouterAudit.AuditedText.FEW_CLUSTERS + " the intervals may be too narrow.";
    }

    /// The gain of a further recursion for the tokens that reach it.
    private String worth() {
        StepGain all = audit.gains().getFirst();
        String bySteps = audit.gains().stream()
                .skip(1)
                .map(step -> "step " + step.step() + ": " + nats(step.worth()))
                .collect(Collectors.joining("; "));
        return "A further recursion is worth " + nats(all.worth()) + ", to a token that reaches it"
                + unlessClear(all.worth()) + ", and helps " + share(all.helped()) + " of these tokens ("
                + percent(all.helped().low()) + " to " + percent(all.helped().high())
                + "); including the gain of later tokens: " + nats(all.worthWithFollowing())
                + unlessClear(all.worthWithFollowing()) + "."
                + (audit.gains().size() > 2 ? " Per step: " + bySteps + "." : "");
    }

    /// The share of the gain that each ranking captures, at equal numbers of tokens.
    private String capture() {
        StepGain all = audit.gains().getFirst();
        String chosen = "when " + percent(all.share()) + " of the tokens that reach a step take it";
        RankedGain first = all.rankings().getFirst();
        boolean isKnown = all.rankings().stream()
                .anyMatch(one -> !Double.isNaN(one.capture().mean()));
        if (!isKnown) {
            return "There is no choice to measure: at each step all tokens continue, none continues, or all gain"
                    + " equally (over all steps, " + percent(all.share())
                    + " continue). --share sets another share to measure.";
        }
        String others = all.rankings().stream()
                .filter(one -> one.ranking() != GainRanking.ROUTER)
                .filter(one -> one.ranking() != GainRanking.CHANCE && one.ranking() != GainRanking.HINDSIGHT)
                .map(one -> words(one.ranking()) + " " + percent(one.capture()))
                .collect(Collectors.joining(", "));
        String start = "Gain capture (0 %: random choice, 100 %: hindsight) " + chosen + ": ";
        if (!audit.isRouted()) {
            return start + others + ".";
        }
        return start + "the router captures " + percent(first.capture()) + unlessClear(first.capture())
                + "; for comparison: " + others + ".";
    }

    /// How well each ranking predicts which tokens a further recursion helps.
    private String area() {
        return "Prediction of the tokens that a further recursion helps (area under the ROC curve, weighted by the gain;"
                + " 0.5 is chance): "
                + audit.gains().getFirst().rankings().stream()
                        .filter(one -> one.ranking() != GainRanking.CHANCE && one.ranking() != GainRanking.HINDSIGHT)
                        .map(one -> words(one.ranking()) + " "
                                + Numbers.fixed(one.area().mean(), 3) + " ("
                                + Numbers.fixed(one.area().low(), 3) + " to "
                                + Numbers.fixed(one.area().high(), 3) + ")")
                        .collect(Collectors.joining(", "))
                + ".";
    }

    /// Returns a ranking in words.
    ///
    /// @param ranking the ranking
    /// @return a few words in English
    public static String words(GainRanking ranking) {
        return switch (ranking) {
            case ROUTER -> "the router";
            case CHANCE -> "chance";
            case POSITION -> "position";
            case CONFIDENCE -> "the head's confidence";
            case MOVEMENT -> "the movement of the state";
            case REGRESSION -> "a regression on the state";
            case FORESEEABLE -> "a foreseeable choice";
            case HINDSIGHT -> "hindsight";
        };
    }

    private String againstChance() {
        PolicyComparison comparison = comparison(PolicyComparison.RANDOM);
        String random = "the same depths assigned to tokens at random";
        if (Double.isNaN(comparison.difference().low())) {
            return "There is too little text to compare the router with chance.";
        }
        return switch (comparison.verdict()) {
            case UNDECIDED ->
                "The router does not clearly differ from chance: its loss minus that of " + random + " is "
                        + nats(comparison.difference()) + ", which contains zero.";
            case BETTER ->
                "The router does better than chance: its loss is " + distance(comparison.difference()) + " below"
                        + " that of " + random + ".";
            case WORSE ->
                "The router does worse than chance: its loss is " + distance(comparison.difference()) + " above"
                        + " that of " + random + ".";
        };
    }

    private String againstLessSight() {
        return "Against the same depths shuffled among tokens at similar positions, the router is "
                + verdict(comparison(PolicyComparison.POSITION_ONLY))
                + "; against those shuffled among tokens of similar frequency, it is "
                + verdict(comparison(PolicyComparison.FREQUENCY_ONLY)) + ".";
    }

    private static String verdict(PolicyComparison comparison) {
        String word = switch (comparison.verdict()) {
            case BETTER -> "better";
            case WORSE -> "worse";
            case UNDECIDED -> "not clearly different";
        };
        return word + " (" + nats(comparison.difference()) + ")";
    }

    private PolicyComparison comparison(String baseline) {
        return audit.comparisons().stream()
                .filter(comparison -> comparison.baseline().equals(baseline))
                .findFirst()
                .orElseThrow();
    }

    private String againstUniformDepth() {
        String depths = audit.uniform().stream()
                .filter(one -> audit.isRouted() || one.depth() < audit.setting().numRecursions())
                .map(one -> "depth " + one.depth() + ": "
                        + Numbers.fixed(one.nll().mean(), DECIMALS) + " (" + uniformVerdict(one) + ")")
                .collect(Collectors.joining(", "));
        return "Over the whole text " + (audit.isRouted() ? "the router's loss" : "the loss at full depth") + " is "
                + Numbers.fixed(audit.load().nll().mean(), DECIMALS) + " at mean depth "
                + Numbers.fixed(audit.load().meanDepth().mean(), 2) + "; with every token at " + depths + ".";
    }

    private String uniformVerdict(UniformDepth one) {
        String who = audit.isRouted() ? "the router" : "full depth";
        return switch (Verdict.of(one.difference().low(), one.difference().high())) {
            case BETTER -> who + " is better by " + distance(one.difference());
            case WORSE -> who + " is worse by " + distance(one.difference());
            case UNDECIDED -> "not clearly different, " + nats(one.difference());
        };
    }

    private String change(int change) {
        Intervention all = audit.interventions().stream()
                .filter(one -> one.change() == change && one.chosenDepth() == 0)
                .findFirst()
                .orElseThrow();
        String what = "One recursion " + (change > 0 ? "more" : "fewer") + " than chosen";
        if (all.samples() == 0) {
            return what + " was possible for no sampled token.";
        }
        return what + " would help " + share(all.helped()) + " and hurt " + share(all.hurt()) + " of "
                + Numbers.metric(all.samples()) + " tokens, and change their loss by " + nats(all.effect())
                + ", on average" + unlessClear(all.effect())
                + ", and the summed loss of all later tokens in the window by "
                + nats(all.effectOnFollowing()) + unlessClear(all.effectOnFollowing())
                + ". The likeliest next token turns right for "
                + share(all.mended()) + " and wrong for "
                + share(all.broken()) + " of the tokens.";
    }

    private static String unlessClear(Interval effect) {
        return effect.isClear() ? "" : ", not clearly different from zero";
    }

    private String calibration() {
        Calibration all = audit.calibrations().getFirst();
        Interval area = all.discrimination();
        String measured = "area under the ROC curve " + Numbers.fixed(area.mean(), 3) + ", interval "
                + Numbers.fixed(area.low(), 3) + " to " + Numbers.fixed(area.high(), 3)
                + "; expected calibration error " + Numbers.fixed(all.expectedError(), 3);
        String what = "which tokens a further recursion helps";
        if (Double.isNaN(area.low())) {
            return "There are too few decisions to tell whether the router's confidence predicts " + what + ".";
        }
        if (area.low() > COIN) {
            return "The router's confidence predicts, in part, " + what + ": " + measured + ".";
        }
        return area.high() < COIN
                ? "The router is more confident where a further recursion helps less: " + measured + "."
                : "It is unclear whether the router's confidence predicts " + what + ": " + measured + ".";
    }

    private String whatDepthFollows() {
        DepthBy strongest = audit.depthBy().stream()
                .filter(one -> !Double.isNaN(one.correlation().mean()))
                .max(Comparator.comparingDouble(
                        one -> Math.abs(one.correlation().mean())))
                .orElse(null);
        if (strongest == null) {
            return "All tokens have the same depth, so depth correlates with no property.";
        }
        Interval widened = ClusterStatistics.within(
                -1,
                strongest
                        .correlation()
                        .widened(audit.depthBy().size(), audit.data().clusters() - 1));
        boolean hasInterval = !Double.isNaN(widened.low());
        String choice = hasInterval
                ? ", with the interval widened because " + audit.depthBy().size() + " properties were compared"
                : "";
        return widened.isClear()
                ? "Of the properties examined, depth correlates most with " + strongest.property()
                        + ": rank correlation " + correlation(widened) + choice + "."
                : "Depth does not clearly correlate with any property examined; the largest rank correlation is"
                        + " with " + strongest.property() + ", " + correlation(widened) + choice
                        + (hasInterval ? ", and the interval contains zero." : ", without an interval.");
    }

    private String dead() {
        Dead dead = audit.dead();
        NearThreshold first = audit.nearThreshold().getFirst();
        return "Of " + dead.positions() + " positions seen often enough, " + dead.positionsNeverOn()
                + " never go beyond depth 1 and " + dead.positionsAlwaysDeepest() + " always go to full depth; of "
                + dead.tokenTypes() + " token types, " + dead.tokenTypesNeverOn() + " never go beyond depth 1 and "
                + dead.tokenTypesAlwaysDeepest() + " always go to full depth. "
                + percent(first.shares().get(2))
                + " of the decisions about step 1 are within " + first.within().get(2)
                + " of the threshold, in log-odds.";
    }

    private static String correlation(Interval correlation) {
        return Numbers.signed(correlation.mean(), 2) + " (" + Numbers.signed(correlation.low(), 2) + " to "
                + Numbers.signed(correlation.high(), 2) + ")";
    }

    private static String share(Interval share) {
        return Numbers.percent(share.mean(), 1);
    }

    private static String percent(Interval share) {
        return percent(share.mean()) + " (" + percent(share.low()) + " to " + percent(share.high()) + ")";
    }

    private static String percent(double share) {
        return Numbers.percent(share, 1);
    }

    private static String nats(Interval difference) {
        return Numbers.signed(difference.mean(), DECIMALS) + " nats, interval "
                + Numbers.signed(difference.low(), DECIMALS) + " to " + Numbers.signed(difference.high(), DECIMALS);
    }

    /// A difference whose sign is expressed in words.
    private static String distance(Interval difference) {
        boolean falls = difference.mean() < 0;
        double low = falls ? -difference.high() : difference.low();
        double high = falls ? -difference.low() : difference.high();
        return Numbers.fixed(Math.abs(difference.mean()), DECIMALS) + " nats per token (95 % interval "
                + Numbers.fixed(low, DECIMALS) + " to " + Numbers.fixed(high, DECIMALS) + ")";
    }
}
