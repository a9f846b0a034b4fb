package dev.saiki.checkpoint.config;

import dev.saiki.checkpoint.json.ValueChecks;
import dev.saiki.io.InputException;
import dev.saiki.io.Problems;
import java.util.List;
import java.util.stream.IntStream;

/// The rule that decides which recursion steps each token takes.
///
/// Steps are numbered from 0, and lists have one entry per step. Each record checks its own values;
/// {@link ModelConfig} checks the lengths of the lists.
public sealed interface Routing {

    /// The default factor of the random router's gate.
    double DEFAULT_RANDOM_ALPHA = 0.1;

    /// Returns the name of the type in JSON.
    ///
    /// @return the value of `routing.type`
    default String key() {
        return switch (this) {
            case None _ -> "none";
            case ExpertChoice _ -> "expert_choice";
            case TokenChoice _ -> "token_choice";
            case ExpertThreshold _ -> "expert_threshold";
            case Random _ -> "random";
        };
    }

    /// The rule that every token takes every step: vanilla and fixed-depth recursive models.
    record None() implements Routing {}

    /// The settings of a learned router and its gate.
    ///
    /// @param type the network of the router; either every step has a router, or one router serves all steps
    /// @param function activation of the gate
    /// @param alpha factor of the activation; always 1 with {@link RouterFunction#NONE}
    /// @param temperature divisor of the hidden state before the router
    /// @param gating whether the gate is a factor of the block's output
    record Router(RouterType type, RouterFunction function, double alpha, double temperature, Gating gating) {

        /// Checks the numbers.
        public Router {
            double given = alpha;
            Problems.requireAll(
                    () -> ValueChecks.positive("routing.alpha", given),
                    () -> ValueChecks.positive("routing.temperature", temperature));
            alpha = function == RouterFunction.NONE ? 1 : given;
        }

        private Router withUsualGate() {
            RouterFunction usual = RouterFunction.SIGMOID;
            return new Router(type, usual, defaultAlpha(usual), temperature, Gating.WEIGHTED);
        }

        private void requireExpertFunction() {
            JsonEnum.requireOneOf(
                    "routing.router_func",
                    function,
                    List.of(RouterFunction.NONE, RouterFunction.SIGMOID, RouterFunction.TANH),
                    "with routing.type expert_choice or expert_threshold");
        }
    }

    /// Each step selects tokens: in training the top k of a sequence, in causal evaluation by a threshold.
    ///
    /// @param router the router of each step, with an activation none, sigmoid or tanh
    /// @param capacity share of all tokens at each step; it starts at 1 and never rises
    /// @param threshold the thresholds of the causal decision on the sigmoid of the logit, one per step; the first
    ///     is 0
    /// @param causalBy the router whose logit the causal decision uses
    record ExpertChoice(Router router, List<Double> capacity, List<Double> threshold, CausalBy causalBy)
            implements Routing {

        /// Checks the values and keeps copies of the lists.
        public ExpertChoice {
            List<Double> shares = List.copyOf(capacity);
            List<Double> scores = List.copyOf(threshold);
            Problems.requireAll(
                    router::requireExpertFunction, () -> requireCapacity(shares), () -> requireThreshold(scores));
            capacity = shares;
            threshold = scores;
        }
    }

    /// At the first step, the router decides for each token how many steps the token takes.
    ///
    /// @param router the router, with an activation softmax or sigmoid
    /// @param tokenGate the choice of the steps at which the gate is applied
    record TokenChoice(Router router, TokenGate tokenGate) implements Routing {

        /// Checks the activation.
        public TokenChoice {
            JsonEnum.requireOneOf(
                    "routing.router_func",
                    router.function(),
                    List.of(RouterFunction.SOFTMAX, RouterFunction.SIGMOID),
                    "with routing.type token_choice");
        }
    }

    /// A token continues if its score reaches a threshold that depends on the effort; this rule is causal in
    /// training, evaluation and decoding.
    ///
    /// @param router the router of each step, with an activation none, sigmoid or tanh
    /// @param effortGrid the efforts with their own thresholds: ascending, in (0, 1], where the last is 1
    /// @param defaultEffort the effort of requests that name none; at least the first effort of the grid
    record ExpertThreshold(Router router, List<Double> effortGrid, double defaultEffort) implements Routing {

        /// Checks the values and keeps a copy of the grid.
        public ExpertThreshold {
            List<Double> efforts = List.copyOf(effortGrid);
            Problems.requireAll(router::requireExpertFunction, () -> requireGrid(efforts));
            effortGrid = efforts;
            InputException.require(
                    defaultEffort >= effortGrid.getFirst() && defaultEffort <= 1,
                    "routing.default_effort",
                    "within routing.effort_grid, from " + effortGrid.getFirst() + " to 1",
                    defaultEffort);
        }

        /// Returns the share of all tokens at every step for an effort: a power of the effort, because a
        /// share `effort` of the tokens that took a step takes the next step.
        ///
        /// @param effort the effort, in (0, 1]
        /// @param numRecursions recursion steps
        /// @return one share per step; the first is 1
        public List<Double> capacities(double effort, int numRecursions) {
            return IntStream.range(0, numRecursions)
                    .mapToObj(step -> Math.pow(effort, step))
                    .toList();
        }

        /// Returns the share of training at each effort of the grid: a third at full effort, and equal parts
        /// of the rest at the other efforts.
        ///
        /// All efforts share one set of weights, which adapts most to the efforts trained most. If efforts were
        /// drawn uniformly, the weights would fit full effort worst, since it is at the end of the range, and
        /// more computation would produce worse text. The sandwich rule of Universally Slimmable Networks
        /// (arXiv:1903.05134, 3.3) agrees: train the widest setting of a network with shared weights more often
        /// than others.
        ///
        /// @return one share per entry of the grid; their sum is 1
        public List<Double> trainingShares() {
            int others = effortGrid.size() - 1;
            double full = others == 0 ? 1 : 1.0 / 3;
            return effortGrid.stream()
                    .map(effort -> effort == 1 ? full : (1 - full) / others)
                    .toList();
        }
    }

    /// A random selection of tokens, nested as in expert choice: the baseline for learned routers. The gate is
    /// alpha times a uniform random number in [0, 1).
    ///
    /// @param alpha factor of the gate
    /// @param gating whether the gate is a factor of the block's output
    /// @param capacity share of all tokens at each step; it starts at 1 and never rises
    record Random(double alpha, Gating gating, List<Double> capacity) implements Routing {

        /// Checks the values and keeps a copy of the list.
        public Random {
            List<Double> shares = List.copyOf(capacity);
            Problems.requireAll(() -> ValueChecks.positive("routing.alpha", alpha), () -> requireCapacity(shares));
            capacity = shares;
        }
    }

    /// Copies the routing with the default gate.
    ///
    /// @return the copy; token-choice, whose gates are part of its decision, and fixed depth are returned
    ///     unchanged
    default Routing withUsualGate() {
        return switch (this) {
            case None none -> none;
            case TokenChoice choice -> choice;
            case ExpertChoice choice ->
                new ExpertChoice(
                        choice.router().withUsualGate(), choice.capacity(), choice.threshold(), choice.causalBy());
            case ExpertThreshold choice ->
                new ExpertThreshold(choice.router().withUsualGate(), choice.effortGrid(), choice.defaultEffort());
            case Random random -> new Random(DEFAULT_RANDOM_ALPHA, Gating.WEIGHTED, random.capacity());
        };
    }

    /// Returns the default factor of an activation.
    ///
    /// @param function the activation
    /// @return 0.1 for sigmoid and tanh, otherwise 1
    static double defaultAlpha(RouterFunction function) {
        return switch (function) {
            case SIGMOID, TANH -> 0.1;
            case SOFTMAX, NONE -> 1;
        };
    }

    /// Returns the default thresholds of expert-choice: 0 at the first step, 0.5 at every later one.
    ///
    /// @param numRecursions recursion steps
    /// @return one threshold per step
    static List<Double> defaultThreshold(int numRecursions) {
        return IntStream.range(0, numRecursions)
                .mapToObj(step -> step == 0 ? 0.0 : 0.5)
                .toList();
    }

    private static void requireCapacity(List<Double> capacity) {
        String key = "routing.capacity";
        for (int step = 0; step < capacity.size(); step++) {
            double share = capacity.get(step);
            ValueChecks.share(key + "[" + step + "]", share);
            if (step == 0 && share != 1) {
                throw ValueChecks.wrong(key + "[0]", "1, because every token takes the first step", share);
            }
            if (step > 0 && share > capacity.get(step - 1)) {
                throw ValueChecks.wrong(
                        key + "[" + step + "]", "at most the previous entry, " + capacity.get(step - 1), share);
            }
        }
    }

    private static void requireThreshold(List<Double> threshold) {
        String key = "routing.threshold";
        for (int step = 0; step < threshold.size(); step++) {
            double value = threshold.get(step);
            if (step == 0 && value != 0) {
                throw ValueChecks.wrong(key + "[0]", "0, because every token takes the first step", value);
            }
            InputException.require(value >= 0 && value <= 1, key + "[" + step + "]", "in [0, 1]", value);
        }
    }

    private static void requireGrid(List<Double> grid) {
        String key = "routing.effort_grid";
        InputException.require(!grid.isEmpty() && grid.getLast() == 1, key, "a list whose last entry is 1", grid);
        ValueChecks.range("length of " + key, grid.size(), 1, ModelConfig.MAX_EFFORT_GRID);
        for (int i = 0; i < grid.size(); i++) {
            ValueChecks.share(key + "[" + i + "]", grid.get(i));
            if (i > 0 && grid.get(i) <= grid.get(i - 1)) {
                throw ValueChecks.wrong(
                        key + "[" + i + "]", "above the previous entry, " + grid.get(i - 1), grid.get(i));
            }
        }
    }
}
