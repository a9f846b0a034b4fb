package dev.saiki.cli.model;

import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.cli.terminal.Console;
import dev.saiki.engine.settings.RouteSettings;
import dev.saiki.io.InputException;
import dev.saiki.model.ScoreOptions;
import dev.saiki.model.routing.RoutingRequest;
import java.util.Locale;
import picocli.CommandLine.Option;

/// The options of commands that compute a model's probabilities: the backend, and the routing of tokens.
public final class ScoringOptions {

    @Option(names = "--engine", paramLabel = "NAME")
    private Computing engine = Computing.TORCH;

    @Option(names = "--routing", paramLabel = "RULE")
    private RoutingRequest.Rule rule = RoutingRequest.Rule.CAUSAL;

    @Option(names = "--effort", paramLabel = "E")
    private double effort = Double.NaN;

    @Option(names = "--max-depth", paramLabel = "N")
    private int maxDepth = RoutingRequest.UNBOUNDED;

    /// The engine or library that computes the probabilities.
    public enum Computing {
        /// LibTorch, which computes the whole sequence at once.
        TORCH,
        /// The engine, with a paged KV cache.
        CPU
    }

    /// Checks the options as far as that is possible without a model.
    public void require() {
        InputException.requireAtLeast("--max-depth", maxDepth, 1);
        if (engine == Computing.CPU && rule == RoutingRequest.Rule.TOP_K) {
            throw new InputException("--routing top_k is not causal, so it needs --engine torch, got --engine cpu");
        }
    }

    /// Checks the bound on depth against a model.
    ///
    /// @throws InputException if the model has recursions, but fewer than the bound
    public void requireDepth(ModelConfig config) {
        if (maxDepth != RoutingRequest.UNBOUNDED) {
            requireDepth("--max-depth", maxDepth, config);
        }
    }

    /// Checks a bound on depth against a model; for a model without recursions, any bound passes.
    ///
    /// @param option the option that set the bound
    /// @throws InputException if the model has recursions, but fewer than the bound
    public static void requireDepth(String option, int depth, ModelConfig config) {
        int most = config.numRecursions();
        InputException.require(
                most <= 1 || depth <= most, option, "from 1 to " + most + ", the model's number of recursions", depth);
    }

    /// Prints a note if routing is not causal.
    public void warn(ModelConfig config, Console console) {
        if (rule == RoutingRequest.Rule.TOP_K && config.isRouted()) {
            console.err().println("saiki: note: top_k routing is not causal: depths depend on later tokens");
        }
    }

    public Computing engine() {
        return engine;
    }

    public double effort() {
        return effort;
    }

    /// The bound on depth; {@link RoutingRequest#UNBOUNDED} for none.
    public int maxDepth() {
        return maxDepth;
    }

    public String ruleKey() {
        return rule.name().toLowerCase(Locale.ROOT);
    }

    public ScoreOptions forTorch(int depth) {
        return new ScoreOptions(rule, depth, effort);
    }

    public RouteSettings forEngine(int depth) {
        return route(forTorch(depth));
    }

    /// The scoring options as settings for the engine, which routes causally.
    public static RouteSettings route(ScoreOptions options) {
        RouteSettings.Builder route = RouteSettings.builder();
        if (options.maxDepth() != RoutingRequest.UNBOUNDED) {
            route.maxDepth(options.maxDepth());
        }
        if (!Double.isNaN(options.effort())) {
            route.effort(options.effort());
        }
        return route.build();
    }
}
