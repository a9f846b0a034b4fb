package dev.saiki.eval.audit;

import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.ParameterSharing;
import dev.saiki.checkpoint.config.Recursion;
import dev.saiki.checkpoint.config.Routing;
import dev.saiki.eval.Interval;
import dev.saiki.eval.ScoringWindow;
import dev.saiki.eval.Verdict;
import dev.saiki.eval.audit.RouterAudit.AuditCost;
import dev.saiki.eval.audit.RouterAudit.AuditSetting;
import dev.saiki.eval.audit.RouterAudit.AuditedText;
import dev.saiki.eval.audit.RouterAudit.Load;
import dev.saiki.eval.audit.RouterAudit.PolicyComparison;
import dev.saiki.eval.audit.RouterAudit.UniformDepth;
import dev.saiki.io.InputException;
import dev.saiki.text.tokenizer.Tokenizer;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;

/// An auditor of a model's router: it measures the router's decisions on a text and the effect of single
/// decisions, and compares the router with chance.
///
/// Router statistics do not show the benefit of a routing decision; only changing the decision does. An audit
/// therefore forces sampled tokens to the depths that they did not take, with everything else as routed, and
/// measures the change of the loss. A recursive model without a router is audited in the same way: the audit
/// measures the gain of its recursions for each token, and the share of that gain that a choice of tokens could
/// capture.
///
/// @param model the model
/// @param config the model's configuration
/// @param tokenizer the model's tokenizer
/// @param options the extent of the audit
public record RouterAuditor(SequenceTracer model, ModelConfig config, Tokenizer tokenizer, RouterAuditOptions options) {

    /// Creates an auditor.
    ///
    /// @throws InputException if the model has a single recursion, or its layers are repeated in place
    public RouterAuditor {
        if (!canAudit(config)) {
            throw new InputException("audit: the model has no recursion steps to audit: recursion.sharing is "
                    + config.recursion()
                            .map(Recursion::sharing)
                            .map(ParameterSharing::key)
                            .orElse("not set")
                    + " with " + config.numRecursions() + " recursions; allowed are cycle and middle_cycle with at"
                    + " least 2");
        }
    }

    /// Tells whether a model has at least two successive recursion steps.
    ///
    /// @param config the model
    /// @return whether the model can be audited
    public static boolean canAudit(ModelConfig config) {
        return config.numRecursions() >= 2
                && config.recursion()
                        .map(Recursion::sharing)
                        .map(ParameterSharing::isCycle)
                        .orElse(false);
    }

    /// Counts the tokens of a text for which an audit would predict the next token.
    ///
    /// @param text the text
    /// @return number of tokens to predict, in the windows that the options allow
    public long tokens(AuditText text) {
        return ScoringWindow.spread(windows(text), options.windows()).stream()
                .mapToLong(window -> window.ids().length - window.firstScored())
                .sum();
    }

    private List<ScoringWindow> windows(AuditText text) {
        int context = config.maxPositionEmbeddings();
        return ScoringWindow.cut(text.documents(), tokenizer.endOfTextId(), context, context - 1);
    }

    /// Measures only the gains of further recursions and the share that each ranking captures.
    ///
    /// @param text the text
    /// @return the gains of all steps together, then of each step
    /// @throws InputException if there is no text
    public List<StepGain> gains(AuditText text) {
        return gains(measure(text, RouterAuditListener.NONE).intervene());
    }

    private List<StepGain> gains(List<SampledToken> samples) {
        double share = config.isRouted() || !Double.isNaN(options.share())
                ? options.share()
                : RouterAuditOptions.SHARE_WITHOUT_ROUTER;
        return new GainAnalysis(samples, config.numRecursions(), share, options.seed()).gains();
    }

    /// Runs the audit.
    ///
    /// @param name name of the model, for the result
    /// @param text the text
    /// @param clock source of the time
    /// @param listener receives the progress of the audit
    /// @return the findings
    /// @throws InputException if there is no text
    public RouterAudit audit(String name, AuditText text, Clock clock, RouterAuditListener listener) {
        Instant start = clock.instant();
        int n = config.numRecursions();
        RoutingExperiment measured = measure(text, listener);
        List<SampledToken> samples = measured.intervene();
        List<RoutedToken> tokens = measured.tokens();
        DepthTables tables = new DepthTables(tokens);
        Instant end = clock.instant();
        return new RouterAudit(
                RouterAudit.FILE.version(),
                setting(name, text, end),
                data(measured, samples),
                new AuditCost(
                        measured.tokensRouted(),
                        measured.tokensIntervened(),
                        start.until(end, ChronoUnit.MILLIS) / 1000.0),
                load(tokens),
                uniform(measured),
                Interventions.of(samples, n, options.tolerance()),
                gains(samples),
                comparisons(measured, text.ranks()),
                config.isRouted() ? CalibrationCurves.of(samples, n) : List.of(),
                tables.all(text.ranks()),
                tables.types(true, tokenizer::tokenText),
                tables.types(false, tokenizer::tokenText),
                DeadDecisions.dead(tokens, n),
                config.isRouted() ? DeadDecisions.near(tokens, n) : List.of());
    }

    private RoutingExperiment measure(AuditText text, RouterAuditListener listener) {
        RoutingExperiment measured =
                new RoutingExperiment(model, config.numRecursions(), windows(text), options, listener);
        measured.route();
        return measured;
    }

    private AuditSetting setting(String name, AuditText text, Instant end) {
        return new AuditSetting(
                name,
                config.routing().key(),
                config.numRecursions(),
                effort(),
                text.name(),
                options.seed(),
                options.tolerance(),
                end.truncatedTo(ChronoUnit.SECONDS).toString());
    }

    private AuditedText data(RoutingExperiment measured, List<SampledToken> samples) {
        return new AuditedText(
                measured.numDocuments(),
                measured.numWindows(),
                measured.tokens().size(),
                config.maxPositionEmbeddings(),
                samples.size(),
                measured.unit().plural(),
                measured.numClusters());
    }

    /// Compares the router with other policies for the depths of the whole text.
    private List<PolicyComparison> comparisons(RoutingExperiment measured, int[] ranks) {
        List<PolicyComparison> comparisons = new ArrayList<>();
        // Without a router, all tokens take full depth, so a comparison with full depth is omitted.
        int deepest = config.isRouted() ? config.numRecursions() : config.numRecursions() - 1;
        for (int depth = 1; depth <= deepest; depth++) {
            comparisons.add(comparison(PolicyComparison.DEPTH + depth, measured.uniform(depth)));
        }
        if (config.isRouted()) {
            comparisons.add(comparison(PolicyComparison.RANDOM, measured.permuted(_ -> 0)));
            comparisons.add(comparison(
                    PolicyComparison.POSITION_ONLY,
                    measured.permuted(token -> DepthTables.magnitude(token.position()))));
            comparisons.add(comparison(
                    PolicyComparison.FREQUENCY_ONLY,
                    measured.permuted(token -> DepthTables.magnitude(ranks[token.id()]))));
        }
        return comparisons;
    }

    private static PolicyComparison comparison(String name, List<RoutingExperiment.ReroutedToken> tokens) {
        Interval difference = ClusterStatistics.mean(tokens, RoutingExperiment.ReroutedToken::difference);
        return new PolicyComparison(name, difference, Verdict.of(difference.low(), difference.high()));
    }

    /// The model's effort setting; NaN if it has none.
    private double effort() {
        return config.routing() instanceof Routing.ExpertThreshold threshold
                ? Double.isNaN(options.effort()) ? threshold.defaultEffort() : options.effort()
                : Double.NaN;
    }

    private Load load(List<RoutedToken> tokens) {
        int n = config.numRecursions();
        List<Double> perDepth = new ArrayList<>();
        List<Double> perStep = new ArrayList<>();
        for (int depth = 1; depth <= n; depth++) {
            int own = depth;
            long ended = tokens.stream().filter(token -> token.depth() == own).count();
            long took = tokens.stream().filter(token -> token.depth() >= own).count();
            perDepth.add((double) ended / tokens.size());
            perStep.add((double) took / tokens.size());
        }
        return new Load(
                ClusterStatistics.mean(tokens, RoutedToken::loss),
                ClusterStatistics.mean(tokens, RoutedToken::depth),
                perDepth,
                perStep,
                capacities());
    }

    private List<Double> capacities() {
        return switch (config.routing()) {
            case Routing.ExpertThreshold threshold -> threshold.capacities(effort(), config.numRecursions());
            case Routing.TokenChoice _ -> List.of();
            case Routing.ExpertChoice _, Routing.Random _, Routing.None _ -> config.capacities();
        };
    }

    private List<UniformDepth> uniform(RoutingExperiment measured) {
        List<UniformDepth> depths = new ArrayList<>();
        for (int depth = 1; depth <= config.numRecursions(); depth++) {
            List<RoutingExperiment.ReroutedToken> tokens = measured.uniform(depth);
            depths.add(new UniformDepth(
                    depth,
                    ClusterStatistics.mean(tokens, RoutingExperiment.ReroutedToken::loss),
                    ClusterStatistics.mean(tokens, RoutingExperiment.ReroutedToken::difference)));
        }
        return depths;
    }
}
