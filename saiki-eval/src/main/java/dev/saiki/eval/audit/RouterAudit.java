package dev.saiki.eval.audit;

import dev.saiki.checkpoint.config.Routing;
import dev.saiki.eval.Interval;
import dev.saiki.eval.Verdict;
import java.util.List;

/// The findings of an audit of a model's router, or of a recursive model without one, as they stand in its JSON
/// file.
///
/// A token's **depth** is the number of recursions it took, from 1. Its **loss** is the negative log-likelihood, in
/// nats, of the token that follows it: that is what its own depth can change first. Differences are "after minus
/// before" or "router minus other", so negative is better. All routing is causal.
///
/// @param formatVersion version of the file's format
/// @param setting what was audited, and how
/// @param data the text
/// @param cost what the audit took
/// @param load how deep tokens went
/// @param uniform what happens if every token of the text takes the same depth
/// @param interventions one recursion more or fewer for one token at a time, for all chosen depths together (chosen
///     depth 0) and for each
/// @param gains what a further recursion is worth and how much of it each way to choose tokens gets, all steps
///     together (step 0), then each
/// @param comparisons the router against other ways to choose the depths of the whole text
/// @param calibrations whether the router's confidence predicts that one more recursion helps; all steps together
///     (step 0), then each; empty without a router
/// @param depthBy depth against properties of tokens
/// @param deepestTokens token types with the greatest mean depth, deepest first
/// @param shallowestTokens token types with the least mean depth, shallowest first
/// @param dead places and token types that the router never or always sends on
/// @param nearThreshold how many decisions hang by a thread, one entry a recursion step from 1
/// @param probes tasks of known difficulty; empty if none were given
public record RouterAudit(
        int formatVersion,
        AuditSetting setting,
        AuditedText data,
        AuditCost cost,
        Load load,
        List<UniformDepth> uniform,
        List<Intervention> interventions,
        List<StepGain> gains,
        List<PolicyComparison> comparisons,
        List<Calibration> calibrations,
        List<DepthBy> depthBy,
        List<TokenType> deepestTokens,
        List<TokenType> shallowestTokens,
        Dead dead,
        List<NearThreshold> nearThreshold,
        List<Probe> probes) {

    /// Keeps its own copies of the lists.
    public RouterAudit {
        uniform = List.copyOf(uniform);
        interventions = List.copyOf(interventions);
        gains = List.copyOf(gains);
        comparisons = List.copyOf(comparisons);
        calibrations = List.copyOf(calibrations);
        depthBy = List.copyOf(depthBy);
        deepestTokens = List.copyOf(deepestTokens);
        shallowestTokens = List.copyOf(shallowestTokens);
        nearThreshold = List.copyOf(nearThreshold);
        probes = List.copyOf(probes);
    }

    /// The model that was audited, and how.
    ///
    /// @param model the checkpoint
    /// @param routing its kind, as `routing.type` spells it
    /// @param numRecursions greatest depth
    /// @param effort compute dial of expert-threshold routing; NaN for other kinds
    /// @param text where the text came from
    /// @param seed seed of what is drawn
    /// @param tolerance changes of a loss up to this many nats are neither help nor hurt
    /// @param finished when it ended, in UTC, as ISO 8601 writes it
    public record AuditSetting(
            String model,
            String routing,
            int numRecursions,
            double effort,
            String text,
            long seed,
            double tolerance,
            String finished) {}

    /// The text.
    ///
    /// @param documents documents that the windows are from
    /// @param windows windows routed
    /// @param tokens tokens in them whose next token was predicted
    /// @param context most tokens in a window
    /// @param samples tokens that were intervened on
    /// @param clusterUnit what counts as one independent observation: `documents` or `windows`
    /// @param clusters how many of them there are
    public record AuditedText(
            int documents, int windows, long tokens, int context, int samples, String clusterUnit, int clusters) {

        /// Intervals from fewer clusters may miss the truth more often than they say.
        public static final int FEW_CLUSTERS = 10;

        /// Tells whether there are so few clusters that intervals may be too narrow.
        ///
        /// @return whether there are fewer than {@value #FEW_CLUSTERS}
        public boolean hasFewClusters() {
            return clusters < FEW_CLUSTERS;
        }
    }

    /// The cost of the audit.
    ///
    /// @param tokensRouted tokens computed to see what routing does, and what each uniform depth gives
    /// @param tokensIntervened tokens computed for interventions: a window for each
    /// @param seconds all of it
    public record AuditCost(long tokensRouted, long tokensIntervened, double seconds) {}

    /// The depths that tokens took.
    ///
    /// @param nll mean loss as routed
    /// @param meanDepth mean depth as routed
    /// @param shareOfTokensPerDepth share of tokens that ended at each depth, from 1
    /// @param shareOfTokensPerStep share of tokens that took each step
    /// @param capacities share that the configuration means to take each step; empty for token-choice
    public record Load(
            Interval nll,
            Interval meanDepth,
            List<Double> shareOfTokensPerDepth,
            List<Double> shareOfTokensPerStep,
            List<Double> capacities) {
        /// Keeps its own copies of the lists.
        public Load {
            shareOfTokensPerDepth = List.copyOf(shareOfTokensPerDepth);
            shareOfTokensPerStep = List.copyOf(shareOfTokensPerStep);
            capacities = List.copyOf(capacities);
        }
    }

    /// The loss with every token of the text at one depth.
    ///
    /// @param depth the depth
    /// @param nll mean loss
    /// @param difference the router's loss minus this one, over the same text
    public record UniformDepth(int depth, Interval nll, Interval difference) {}

    /// The effect of one recursion more or fewer than the router chose, for one token at a time; all others
    /// are routed as before.
    ///
    /// @param change +1 or −1
    /// @param chosenDepth depth that the router chose; 0 for all that can be changed so
    /// @param samples tokens changed
    /// @param helped share whose loss fell by more than the tolerance
    /// @param hurt share whose loss rose by more than the tolerance
    /// @param effect mean change of the token's own loss
    /// @param effectOnFollowing mean change of the summed losses of the tokens after it in its window, which see
    ///     its changed keys and values
    /// @param mended share whose likeliest next token became the right one
    /// @param broken share whose likeliest next token was the right one and no longer is
    public record Intervention(
            int change,
            int chosenDepth,
            int samples,
            Interval helped,
            Interval hurt,
            Interval effect,
            Interval effectOnFollowing,
            Interval mended,
            Interval broken) {}

    /// The router against another way to choose the depths of all tokens of the text at once, which then see each
    /// other's changed keys and values.
    ///
    /// @param baseline one of the names below, or {@link #DEPTH} with the depth of all tokens
    /// @param difference the router's loss minus the other's, paired token by token
    /// @param verdict which is better, if the interval tells
    public record PolicyComparison(String baseline, Interval difference, Verdict verdict) {

        /// What the name of a policy that sends all tokens equally deep begins with.
        public static final String DEPTH = "depth ";

        /// The router's depths dealt out anew among all tokens.
        public static final String RANDOM = "random";

        /// The router's depths dealt out anew among tokens in like positions.
        public static final String POSITION_ONLY = "position only";

        /// The router's depths dealt out anew among tokens of like frequency.
        public static final String FREQUENCY_ONLY = "frequency only";
    }

    /// The agreement of the router's confidence that a token should take a step with the share that the
    /// step helps.
    ///
    /// The confidence is the sigmoid of the deciding logit; for token-choice, the probability of going deeper
    /// among the depths that are left; for random routing, the number drawn.
    ///
    /// @param step the recursion step decided about, from 1; 0 for all steps together
    /// @param decisions decisions of the router about sampled tokens
    /// @param helped share for which the step lowers the loss
    /// @param expectedError mean distance of confidence and share helped, over the bins
    /// @param discrimination probability that a token which the step helps has more confidence than one which it
    ///     does not (area under the ROC curve), both of them decided about the same step: one half is chance
    /// @param bins equally many decisions each, by rising confidence
    public record Calibration(
            int step,
            int decisions,
            Interval helped,
            double expectedError,
            Interval discrimination,
            List<CalibrationBin> bins) {
        /// Keeps its own copy of the list.
        public Calibration {
            bins = List.copyOf(bins);
        }
    }

    /// Decisions of like confidence.
    ///
    /// @param lowest least confidence
    /// @param highest greatest confidence
    /// @param decisions how many
    /// @param meanConfidence mean confidence
    /// @param helped share for which the step lowers the loss
    public record CalibrationBin(
            double lowest, double highest, int decisions, double meanConfidence, Interval helped) {}

    /// Depth against a property of tokens, over all tokens of the windows.
    ///
    /// @param property one of the names below
    /// @param correlation Spearman's rank correlation of the property and depth
    /// @param bins by rising value
    public record DepthBy(String property, Interval correlation, List<DepthBin> bins) {

        /// Place of the token by frequency, 1 the most frequent.
        public static final String TOKEN_RANK = "token rank";

        /// Place of the next token by frequency, 1 the most frequent.
        public static final String NEXT_TOKEN_RANK = "next token rank";

        /// Place in the window, from 0.
        public static final String POSITION = "position";

        /// Entropy of the next-token distribution after one recursion, nats.
        public static final String ENTROPY_AT_DEPTH_ONE = "entropy at depth 1";

        /// Entropy of the next-token distribution after all recursions, nats.
        public static final String ENTROPY_AT_FULL_DEPTH = "entropy at full depth";

        /// Loss as routed, nats.
        public static final String SURPRISE = "surprise";

        /// Keeps its own copy of the list.
        public DepthBy {
            bins = List.copyOf(bins);
        }
    }

    /// Tokens of like value.
    ///
    /// @param lowest least value
    /// @param highest greatest value
    /// @param tokens how many
    /// @param depth mean depth
    public record DepthBin(double lowest, double highest, long tokens, Interval depth) {}

    /// A token type, and how deep it goes.
    ///
    /// @param id its id
    /// @param text its text
    /// @param count how often it stands in the windows
    /// @param meanDepth mean depth
    public record TokenType(int id, String text, long count, double meanDepth) {}

    /// Positions and token types that the router never or always sends on, among those seen often enough to
    /// tell.
    ///
    /// @param fewest how often a position or type must have been seen, so that none looks like that by luck
    /// @param positions positions of the window
    /// @param positionsNeverOn positions where no token went beyond depth 1
    /// @param positionsNeverDeepest positions where no token reached full depth, if that is too many for luck
    /// @param positionsAlwaysDeepest positions where every token reached full depth
    /// @param tokenTypes token types
    /// @param tokenTypesNeverOn types that never went beyond depth 1
    /// @param tokenTypesAlwaysDeepest types that always reached full depth
    public record Dead(
            int fewest,
            int positions,
            int positionsNeverOn,
            int positionsNeverDeepest,
            int positionsAlwaysDeepest,
            int tokenTypes,
            int tokenTypesNeverOn,
            int tokenTypesAlwaysDeepest) {}

    /// Decisions about a step that a small change would turn.
    ///
    /// @param step the step decided about, from 1
    /// @param decisions decisions made
    /// @param within distances from the threshold, as differences of log-odds
    /// @param shares share of the decisions within each
    public record NearThreshold(int step, long decisions, List<Double> within, List<Double> shares) {
        /// Keeps its own copies of the lists.
        public NearThreshold {
            within = List.copyOf(within);
            shares = List.copyOf(shares);
        }
    }

    /// A task whose difficulty is known, and what depth the model gives its answers.
    ///
    /// @param task name of the task
    /// @param correlation Spearman's rank correlation of difficulty and depth, over problems
    /// @param levels by rising difficulty
    public record Probe(String task, Interval correlation, List<ProbeLevel> levels) {
        /// Keeps its own copy of the list.
        public Probe {
            levels = List.copyOf(levels);
        }
    }

    /// Problems of one difficulty.
    ///
    /// @param difficulty the difficulty, from 1
    /// @param problems how many
    /// @param depth mean depth of the tokens that the answer is predicted from
    /// @param accuracy share of problems whose whole answer is the likeliest
    /// @param nll mean loss of an answer's token
    public record ProbeLevel(int difficulty, int problems, Interval depth, Interval accuracy, Interval nll) {}

    /// Tells whether a router was audited, or the recursions of a model without one.
    ///
    /// @return whether some router decided about depths
    public boolean isRouted() {
        return !setting.routing().equals(new Routing.None().key());
    }
}
