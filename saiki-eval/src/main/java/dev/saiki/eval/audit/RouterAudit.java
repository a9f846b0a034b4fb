package dev.saiki.eval.audit;

import dev.saiki.checkpoint.config.Routing;
import dev.saiki.eval.Interval;
import dev.saiki.eval.RecordFormat;
import dev.saiki.eval.Verdict;
import java.util.List;

/// The result of an audit of a model's router, or of a recursive model without one, as stored in its JSON file.
///
/// A token's **depth** is the number of recursions it took, from 1. A token's **loss** is the negative
/// log-likelihood of the next token, in nats: the first prediction that the token's own depth can change.
/// Differences are "after minus before" or "router minus other", so negative is better. All routing is causal.
///
/// @param formatVersion version of the file's format
/// @param setting the audited model and the settings of the audit
/// @param data the extent of the text
/// @param cost cost of the audit
/// @param load the depths of the tokens
/// @param uniform the losses with every token of the text at the same depth
/// @param interventions the effect of one recursion more or fewer for single tokens: over all chosen depths
///     together (chosen depth 0), and for each chosen depth
/// @param gains the gain of a further recursion and the share of that gain that each ranking captures, over all
///     steps together (step 0), then for each step
/// @param comparisons comparisons of the router with other policies for the depths of the whole text
/// @param calibrations the agreement of the router's confidence with whether one more recursion helps, over
///     all steps together (step 0), then for each step; empty without a router
/// @param depthBy depth against properties of tokens
/// @param deepestTokens token types with the greatest mean depth, deepest first
/// @param shallowestTokens token types with the least mean depth, shallowest first
/// @param dead positions and token types for which the router always makes the same decision
/// @param nearThreshold the decisions near the threshold, one entry per recursion step from 1; empty without a
///     router
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
        List<NearThreshold> nearThreshold) {

    /// The file of an audit.
    public static final RecordFormat<RouterAudit> FILE =
            new RecordFormat<>(RouterAudit.class, "a router audit", "`saiki audit router --out` writes it", 2);

    /// Copies the lists.
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
    }

    /// The audited model and the settings of the audit.
    ///
    /// @param model the checkpoint
    /// @param routing the value of `routing.type`
    /// @param numRecursions greatest depth
    /// @param effort effort setting of expert-threshold routing; NaN for other kinds
    /// @param text source of the text
    /// @param seed seed of the random numbers
    /// @param tolerance largest change of the loss, in nats, that counts as neither help nor hurt
    /// @param finished time at which the audit finished, UTC in ISO 8601
    public record AuditSetting(
            String model,
            String routing,
            int numRecursions,
            double effort,
            String text,
            long seed,
            double tolerance,
            String finished) {}

    /// The extent of the audited text.
    ///
    /// @param documents number of documents that the windows come from
    /// @param windows number of windows routed
    /// @param tokens number of tokens, in all windows, for which the next token was predicted
    /// @param context maximum number of tokens in a window
    /// @param samples number of tokens with interventions
    /// @param clusterUnit the unit of independent observations: `documents` or `windows`
    /// @param clusters number of independent observations
    public record AuditedText(
            int documents, int windows, long tokens, int context, int samples, String clusterUnit, int clusters) {

        /// With fewer clusters, intervals may miss the true value more often than their confidence level
        /// states.
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
    /// @param tokensRouted tokens computed for the routing, for each uniform depth, and for each shuffling of
    ///     depths
    /// @param tokensIntervened tokens computed for interventions; each intervention computes a whole window
    /// @param seconds duration of the audit
    public record AuditCost(long tokensRouted, long tokensIntervened, double seconds) {}

    /// The depths that tokens took.
    ///
    /// @param nll mean loss as routed
    /// @param meanDepth mean depth as routed
    /// @param shareOfTokensPerDepth share of tokens with each final depth, from 1
    /// @param shareOfTokensPerStep share of tokens that took each step
    /// @param capacities target share of tokens that take each step, with expert threshold at the audited effort;
    ///     empty for token-choice
    public record Load(
            Interval nll,
            Interval meanDepth,
            List<Double> shareOfTokensPerDepth,
            List<Double> shareOfTokensPerStep,
            List<Double> capacities) {
        /// Copies the lists.
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
    /// @param difference the router's loss minus the loss at this depth, on the same text
    public record UniformDepth(int depth, Interval nll, Interval difference) {}

    /// The effect of one recursion more or fewer than the router chose, on one token at a time, while all
    /// other tokens keep their depths.
    ///
    /// @param change +1 or −1
    /// @param chosenDepth depth that the router chose; 0 for all depths that allow the change
    /// @param samples number of tokens changed
    /// @param helped share of the changed tokens whose loss fell by more than the tolerance
    /// @param hurt share of the changed tokens whose loss rose by more than the tolerance
    /// @param effect mean change of the token's own loss
    /// @param effectOnFollowing mean change of the summed losses of the later tokens in the window, which attend
    ///     to the changed keys and values
    /// @param mended share of the changed tokens whose top prediction is correct only after the change
    /// @param broken share of the changed tokens whose top prediction was correct only before the change
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

    /// The comparison of the router with another policy that sets the depths of all tokens of the text, so
    /// that tokens also attend to each other's changed keys and values.
    ///
    /// @param baseline one of the names below, or {@link #DEPTH} followed by the depth of all tokens
    /// @param difference the router's loss minus the other policy's, paired by token
    /// @param verdict the verdict on the router: better or worse only if the interval excludes zero
    public record PolicyComparison(String baseline, Interval difference, Verdict verdict) {

        /// Name prefix of a policy that gives all tokens the same depth.
        public static final String DEPTH = "depth ";

        /// The router's depths shuffled among all tokens.
        public static final String RANDOM = "random";

        /// The router's depths shuffled among tokens at similar positions.
        public static final String POSITION_ONLY = "position only";

        /// The router's depths shuffled among tokens of similar frequency.
        public static final String FREQUENCY_ONLY = "frequency only";
    }

    /// The agreement of the router's confidence in a step with the share of tokens that the step helps.
    ///
    /// The confidence is the sigmoid of the deciding logit; for token-choice, the probability that the token takes
    /// the step, given that it took the steps before; for random routing, the random number.
    ///
    /// @param step the recursion step that the decisions are about, from 1; 0 for all steps together
    /// @param decisions number of router decisions about sampled tokens
    /// @param helped share of decisions for which the step lowers the loss
    /// @param expectedError mean distance between the confidence and the share of helped tokens, over the bins
    /// @param discrimination probability that a token helped by the step has a higher confidence than a token
    ///     not helped by that step (area under the ROC curve); by chance, the probability is one half
    /// @param bins bins with equal numbers of decisions, ordered by confidence
    public record Calibration(
            int step,
            int decisions,
            Interval helped,
            double expectedError,
            Interval discrimination,
            List<CalibrationBin> bins) {
        /// Copies the list.
        public Calibration {
            bins = List.copyOf(bins);
        }
    }

    /// Decisions with similar confidence.
    ///
    /// @param lowest lowest confidence
    /// @param highest highest confidence
    /// @param decisions number of decisions
    /// @param meanConfidence mean confidence
    /// @param helped share of decisions for which the step lowers the loss
    public record CalibrationBin(
            double lowest, double highest, int decisions, double meanConfidence, Interval helped) {}

    /// The relation of depth to a property of tokens, over all tokens of the windows.
    ///
    /// @param property the property: one of the names below
    /// @param correlation Spearman's rank correlation of the property and depth
    /// @param bins bins by rising value
    public record DepthBy(String property, Interval correlation, List<DepthBin> bins) {

        /// Frequency rank of the token, 1 the most frequent.
        public static final String TOKEN_RANK = "token rank";

        /// Frequency rank of the next token, 1 the most frequent.
        public static final String NEXT_TOKEN_RANK = "next token rank";

        /// Position in the window, from 0.
        public static final String POSITION = "position";

        /// Entropy of the next-token distribution after one recursion, nats.
        public static final String ENTROPY_AT_DEPTH_ONE = "entropy at depth 1";

        /// Entropy of the next-token distribution after all recursions, nats.
        public static final String ENTROPY_AT_FULL_DEPTH = "entropy at full depth";

        /// Loss as routed, nats.
        public static final String SURPRISE = "surprise";

        /// Copies the list.
        public DepthBy {
            bins = List.copyOf(bins);
        }
    }

    /// Tokens with similar values.
    ///
    /// @param lowest least value
    /// @param highest greatest value
    /// @param tokens number of tokens
    /// @param depth mean depth
    public record DepthBin(double lowest, double highest, long tokens, Interval depth) {}

    /// A token type and its mean depth.
    ///
    /// @param id id of the token type
    /// @param text text of the token type
    /// @param count number of the type's occurrences in the windows
    /// @param meanDepth mean depth
    public record TokenType(int id, String text, long count, double meanDepth) {}

    /// The positions and token types for which the router always makes the same decision, among those
    /// frequent enough to tell.
    ///
    /// @param fewest minimum number of occurrences of a position or type; rarer positions and types could
    ///     look dead by chance
    /// @param positions number of frequent positions
    /// @param positionsNeverOn number of positions where no token went beyond depth 1
    /// @param positionsNeverDeepest number of positions where no token reached full depth, among positions
    ///     with too many tokens for this to be chance
    /// @param positionsAlwaysDeepest number of positions where every token reached full depth
    /// @param tokenTypes number of frequent token types
    /// @param tokenTypesNeverOn number of types that never went beyond depth 1
    /// @param tokenTypesAlwaysDeepest number of types that always reached full depth
    public record Dead(
            int fewest,
            int positions,
            int positionsNeverOn,
            int positionsNeverDeepest,
            int positionsAlwaysDeepest,
            int tokenTypes,
            int tokenTypesNeverOn,
            int tokenTypesAlwaysDeepest) {}

    /// The decisions about a step that a small change of the router's confidence would reverse.
    ///
    /// @param step the decided step, from 1
    /// @param decisions number of decisions
    /// @param within distances from the threshold, as differences of log-odds
    /// @param shares share of the decisions within each distance
    public record NearThreshold(int step, long decisions, List<Double> within, List<Double> shares) {
        /// Copies the lists.
        public NearThreshold {
            within = List.copyOf(within);
            shares = List.copyOf(shares);
        }
    }

    /// Tells whether the audited model has a router, rather than recursions alone.
    ///
    /// @return whether a router chose the depths
    public boolean isRouted() {
        return !setting.routing().equals(new Routing.None().key());
    }
}
