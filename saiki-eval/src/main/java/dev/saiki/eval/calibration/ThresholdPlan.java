package dev.saiki.eval.calibration;

import dev.saiki.checkpoint.config.EffortThresholds;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.ParameterNames;
import dev.saiki.checkpoint.config.Routing;
import dev.saiki.checkpoint.safetensors.StoredTensor;
import dev.saiki.io.InputException;
import dev.saiki.model.ThresholdFit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// The thresholds of a model, with their target shares and the place where the model stores them.
sealed interface ThresholdPlan {

    /// One setting of a model, for which the model has thresholds of its own.
    ///
    /// @param effort the effort; NaN for a router without effort control
    /// @param shares target share of each step among the tokens that took the previous step
    /// @param thresholds current threshold of each step
    record Setting(double effort, List<Double> shares, List<Double> thresholds) {

        /// The effort as text.
        String label() {
            return Double.isNaN(effort) ? "" : Double.toString(effort);
        }
    }

    /// The settings that are fitted, independently of each other.
    List<Setting> settings();

    /// The configuration with new thresholds.
    ///
    /// @param fitted the new thresholds, one list per setting
    ModelConfig config(List<List<Double>> fitted);

    /// The tensors that new thresholds replace.
    Map<String, StoredTensor> tensors(List<List<Double>> fitted);

    /// Plans the fit of a model.
    ///
    /// @param config the model
    /// @param tensors the model's tensors
    /// @param shares the targets: capacities of expert choice or efforts of expert threshold; empty for the
    ///     targets that the model already has
    /// @throws InputException if the model has no thresholds, or the shares do not fit the model
    static ThresholdPlan of(ModelConfig config, Map<String, StoredTensor> tensors, List<Double> shares) {
        return switch (config.routing()) {
            case Routing.ExpertChoice routing -> new OfCapacity(config, routing, capacity(config, routing, shares));
            case Routing.ExpertThreshold routing -> {
                @Nullable StoredTensor stored = tensors.get(ParameterNames.ROUTER_THRESHOLDS);
                if (stored == null) {
                    throw new IllegalArgumentException("no " + ParameterNames.ROUTER_THRESHOLDS);
                }
                yield new OfEfforts(config, routing, grid(routing, shares), stored.toFloats());
            }
            case Routing.None _, Routing.Random _, Routing.TokenChoice _ ->
                throw new InputException("calibrate: the model has no thresholds: its routing.type is "
                        + config.routing().key() + "; allowed are expert_choice and expert_threshold");
        };
    }

    private static List<Double> capacity(ModelConfig config, Routing.ExpertChoice routing, List<Double> asked) {
        if (asked.isEmpty()) {
            return routing.capacity();
        }
        boolean falls = asked.size() == config.numRecursions() && asked.getFirst() == 1;
        for (int step = 1; falls && step < asked.size(); step++) {
            falls = asked.get(step) > 0 && asked.get(step) <= asked.get(step - 1);
        }
        InputException.require(
                falls,
                "calibrate",
                "the shares of all tokens at each step",
                config.numRecursions() + " numbers in (0, 1], starting at 1, never rising",
                asked);
        return asked;
    }

    private static List<Double> grid(Routing.ExpertThreshold routing, List<Double> asked) {
        if (asked.isEmpty()) {
            return routing.effortGrid();
        }
        boolean rises =
                asked.getLast() == 1 && asked.getFirst() >= routing.effortGrid().getFirst();
        for (int i = 1; i < asked.size(); i++) {
            rises &= asked.get(i) > asked.get(i - 1);
        }
        InputException.require(
                rises && asked.getFirst() <= routing.defaultEffort(),
                "calibrate",
                "the efforts",
                "ascending, from a first effort between " + routing.effortGrid().getFirst()
                        + " (the lowest trained effort) and " + routing.defaultEffort()
                        + " (the default effort) to a last effort of 1",
                asked);
        return asked;
    }

    /// The thresholds of expert choice, which are stored in the configuration.
    ///
    /// @param model the current configuration
    /// @param routing the model's routing
    /// @param capacity share of all tokens at each step
    record OfCapacity(ModelConfig model, Routing.ExpertChoice routing, List<Double> capacity) implements ThresholdPlan {

        @Override
        public List<Setting> settings() {
            List<Double> shares = IntStream.range(0, capacity.size())
                    .mapToObj(step -> step == 0 ? 1.0 : capacity.get(step) / capacity.get(step - 1))
                    .toList();
            return List.of(new Setting(Double.NaN, shares, routing.threshold()));
        }

        @Override
        public ModelConfig config(List<List<Double>> fitted) {
            Routing changed =
                    new Routing.ExpertChoice(routing.router(), capacity, fitted.getFirst(), routing.causalBy());
            return model.withRecursion(model.recursion(), changed, model.kvSharing());
        }

        @Override
        public Map<String, StoredTensor> tensors(List<List<Double>> fitted) {
            return Map.of();
        }
    }

    /// The thresholds of expert threshold, which are stored as a tensor.
    ///
    /// @param model the current configuration
    /// @param routing the model's routing
    /// @param grid efforts of the new thresholds
    /// @param stored the old thresholds, `[recursions, efforts]`
    @SuppressWarnings("ArrayRecordComponent") // A table, never compared.
    record OfEfforts(ModelConfig model, Routing.ExpertThreshold routing, List<Double> grid, float[] stored)
            implements ThresholdPlan {

        @Override
        public List<Setting> settings() {
            EffortThresholds old = new EffortThresholds(routing.effortGrid(), stored);
            List<Setting> settings = new ArrayList<>();
            for (double effort : grid.subList(0, grid.size() - 1)) {
                List<Double> shares = IntStream.range(0, model.numRecursions())
                        .mapToObj(step -> step == 0 ? 1.0 : effort)
                        .toList();
                settings.add(new Setting(
                        effort, shares, Arrays.stream(old.at(effort)).boxed().toList()));
            }
            return settings;
        }

        @Override
        public ModelConfig config(List<List<Double>> fitted) {
            Routing changed = new Routing.ExpertThreshold(routing.router(), grid, routing.defaultEffort());
            return model.withRecursion(model.recursion(), changed, model.kvSharing());
        }

        @Override
        public Map<String, StoredTensor> tensors(List<List<Double>> fitted) {
            int efforts = grid.size();
            float[] table = new float[model.numRecursions() * efforts];
            for (int column = 0; column < fitted.size(); column++) {
                for (int step = 1; step < model.numRecursions(); step++) {
                    table[step * efforts + column] =
                            fitted.get(column).get(step).floatValue();
                }
            }
            List<Long> shape = List.of((long) model.numRecursions(), (long) efforts);
            return Map.of(
                    ParameterNames.ROUTER_THRESHOLDS,
                    StoredTensor.ofFloats(ParameterNames.ROUTER_THRESHOLDS, shape, table));
        }
    }

    /// Fits every setting.
    default List<List<Double>> fit(ThresholdFit fit) {
        return settings().stream()
                .map(setting -> fit.thresholds(setting.shares()))
                .toList();
    }
}
