package dev.saiki.eval.audit;

import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.Routing;
import dev.saiki.eval.ScoringWindow;
import dev.saiki.eval.audit.RouterAudit.AuditCost;
import dev.saiki.eval.audit.RouterAudit.AuditSetting;
import dev.saiki.eval.audit.RouterAudit.AuditedText;
import dev.saiki.eval.audit.RouterAudit.Load;
import dev.saiki.eval.audit.RouterAudit.Policy;
import dev.saiki.eval.audit.RouterAudit.UniformDepth;
import dev.saiki.io.InputException;
import dev.saiki.model.ScoreOptions;
import dev.saiki.model.routing.RoutingRequest;
import dev.saiki.text.tokenizer.Tokenizer;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// An auditor of a model's router: what it does with a text, what single decisions cause, and whether it
/// does better than chance.
///
/// Router statistics do not tell what a routing decision is good for; only changing it does. So an audit forces
/// sampled tokens to the depths that they did not take, with everything else as routed, and reads the consequences
/// off the loss.
public final class RouterAuditor {

    private final SequenceTracer model;
    private final ModelConfig config;
    private final Tokenizer tokenizer;
    private final RouterAuditOptions options;

    /// Makes an auditor.
    ///
    /// @param model the model
    /// @param config its configuration
    /// @param tokenizer its tokenizer
    /// @param options how thorough to be
    /// @throws InputException if the model has no router, or one recursion only
    public RouterAuditor(SequenceTracer model, ModelConfig config, Tokenizer tokenizer, RouterAuditOptions options) {
        if (!config.isRouted() || config.numRecursions() < 2) {
            throw new InputException("audit: the model has no router to audit: routing.type is "
                    + config.routing().key() + " with " + config.numRecursions() + " recursions; allowed are"
                    + " expert_choice, expert_threshold, token_choice and random with at least 2");
        }
        this.model = model;
        this.config = config;
        this.tokenizer = tokenizer;
        this.options = options;
    }

    /// Runs the audit.
    ///
    /// @param name name of the model, for the result
    /// @param text the text
    /// @param problems problems of known difficulty; may be empty
    /// @param clock tells the time
    /// @param listener hears how far the audit has come
    /// @return what was found
    /// @throws InputException if there is no text
    public RouterAudit audit(
            String name, AuditText text, List<ProbeProblem> problems, Clock clock, RouterAuditListener listener) {
        Instant start = clock.instant();
        int n = config.numRecursions();
        RoutingExperiment measured = measure(text, listener);
        List<SampledToken> samples = measured.intervene();
        List<RoutedToken> tokens = measured.tokens();
        RegretAnalysis regrets = new RegretAnalysis(samples, n, text.ranks(), everywhere(measured, text.ranks()));
        DepthTables tables = new DepthTables(tokens);
        List<RouterAudit.Probe> probes = ask(problems);
        Instant end = clock.instant();
        return new RouterAudit(
                RouterAuditFile.VERSION,
                setting(name, text, end),
                data(measured, samples),
                new AuditCost(
                        measured.tokensRouted(),
                        measured.tokensIntervened(),
                        start.until(end, ChronoUnit.MILLIS) / 1000.0),
                load(tokens),
                uniform(measured),
                Interventions.of(samples, n, options.tolerance()),
                regrets.regrets(),
                regrets.skill(),
                CalibrationCurves.of(samples, n),
                tables.all(text.ranks()),
                tables.types(true, tokenizer::tokenText),
                tables.types(false, tokenizer::tokenText),
                DeadDecisions.dead(tokens, n),
                DeadDecisions.near(tokens, n),
                probes);
    }

    private RoutingExperiment measure(AuditText text, RouterAuditListener listener) {
        int context = config.maxPositionEmbeddings();
        List<ScoringWindow> windows =
                ScoringWindow.cut(text.documents(), tokenizer.endOfTextId(), context, context - 1);
        RoutingExperiment measured = new RoutingExperiment(model, config.numRecursions(), windows, options, listener);
        measured.route();
        return measured;
    }

    private List<RouterAudit.Probe> ask(List<ProbeProblem> problems) {
        ScoreOptions scoring = new ScoreOptions(RoutingRequest.Rule.CAUSAL, RoutingRequest.UNBOUNDED, options.effort());
        return problems.isEmpty()
                ? List.of()
                : new ProbeEvaluator(model, tokenizer, config.maxPositionEmbeddings(), scoring).ask(problems);
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

    /// The whole text with depths chosen in other ways, by their names.
    private Map<String, List<RoutingExperiment.ReroutedToken>> everywhere(RoutingExperiment measured, int[] ranks) {
        Map<String, List<RoutingExperiment.ReroutedToken>> everywhere = new LinkedHashMap<>();
        for (int depth = 1; depth <= config.numRecursions(); depth++) {
            everywhere.put(Policy.DEPTH + depth, measured.uniform(depth));
        }
        everywhere.put(Policy.RANDOM, measured.dealOut(_ -> 0));
        everywhere.put(Policy.POSITION_ONLY, measured.dealOut(token -> RegretAnalysis.magnitude(token.position())));
        everywhere.put(Policy.FREQUENCY_ONLY, measured.dealOut(token -> RegretAnalysis.magnitude(ranks[token.id()])));
        return everywhere;
    }

    /// The effort at which the model routes; NaN if it has no dial.
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
            case Routing.ExpertChoice choice -> choice.capacity();
            case Routing.Random random -> random.capacity();
            case Routing.None _ -> throw new IllegalStateException("refused in the constructor");
        };
    }

    private List<UniformDepth> uniform(RoutingExperiment measured) {
        List<UniformDepth> depths = new ArrayList<>();
        for (int depth = 1; depth <= config.numRecursions(); depth++) {
            List<RoutingExperiment.ReroutedToken> tokens = measured.uniform(depth);
            depths.add(new UniformDepth(
                    depth,
                    ClusterStatistics.mean(tokens, RoutingExperiment.ReroutedToken::loss),
                    ClusterStatistics.mean(tokens, token -> token.difference(0))));
        }
        return depths;
    }
}
