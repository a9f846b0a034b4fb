package dev.saiki.engine.model;

import dev.saiki.checkpoint.config.CausalBy;
import dev.saiki.checkpoint.config.EffortThresholds;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.ParameterNames;
import dev.saiki.checkpoint.config.RouterFunction;
import dev.saiki.checkpoint.config.Routing;
import dev.saiki.checkpoint.safetensors.StoredTensor;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/// The construction of a model's router from its configuration and tensors.
final class Routers {

    private static final String ROUTERS = "model.routers.";
    private static final String AUXILIARY_ROUTERS = "model.auxiliary_routers.";

    private Routers() {}

    static Router of(ModelConfig config, Map<String, StoredTensor> tensors) {
        Router router = withoutStepGates(config, tensors);
        return config.hasStepGates()
                ? new StepGatedRouter(
                        router,
                        EngineWeights.require(tensors, ParameterNames.STEP_GATES)
                                .toFloats(),
                        config.hiddenSize())
                : router;
    }

    private static Router withoutStepGates(ModelConfig config, Map<String, StoredTensor> tensors) {
        int n = config.numRecursions();
        int hidden = config.hiddenSize();
        return switch (config.routing()) {
            case Routing.None _ -> new FixedDepth(n, hidden);
            case Routing.ExpertChoice choice -> expertChoice(choice, config, tensors);
            case Routing.ExpertThreshold choice -> expertThreshold(choice, n, hidden, tensors);
            case Routing.Random random ->
                new RandomRouter(
                        config.capacities(), new Gate(RouterFunction.NONE, random.alpha(), random.gating(), hidden));
            case Routing.TokenChoice choice ->
                new TokenChoiceRouter(
                        network(tensors, "model.router.", choice.router(), n), choice, expertBias(n, tensors), hidden);
        };
    }

    private static float[] expertBias(int n, Map<String, StoredTensor> tensors) {
        StoredTensor bias = tensors.get(ParameterNames.EXPERT_BIAS);
        return bias == null ? new float[n] : bias.toFloats();
    }

    private static Router expertChoice(
            Routing.ExpertChoice choice, ModelConfig config, Map<String, StoredTensor> tensors) {
        int n = config.numRecursions();
        List<RouterNetwork> routers = each(tensors, ROUTERS, choice.router(), n);
        List<RouterNetwork> deciding = choice.causalBy() == CausalBy.AUXILIARY_ROUTER
                ? each(tensors, AUXILIARY_ROUTERS, choice.router(), n)
                : routers;
        double[] thresholds =
                choice.threshold().stream().mapToDouble(Double::doubleValue).toArray();
        // With step gates, only the deciding networks are evaluated; the others would compute a gate that is not
        // used.
        return new ExpertRouter(
                config.hasStepGates() ? deciding : routers,
                deciding,
                gate(choice.router(), config.hiddenSize()),
                _ -> thresholds);
    }

    private static Router expertThreshold(
            Routing.ExpertThreshold choice, int n, int hidden, Map<String, StoredTensor> tensors) {
        List<RouterNetwork> routers = each(tensors, ROUTERS, choice.router(), n);
        EffortThresholds thresholds = new EffortThresholds(
                choice.effortGrid(),
                EngineWeights.require(tensors, ParameterNames.ROUTER_THRESHOLDS).toFloats());
        return new ExpertRouter(
                routers,
                routers,
                gate(choice.router(), hidden),
                effort -> thresholds.at(effort.orElse(choice.defaultEffort())));
    }

    private static Gate gate(Routing.Router router, int hidden) {
        return new Gate(router.function(), router.alpha(), router.gating(), hidden);
    }

    private static List<RouterNetwork> each(
            Map<String, StoredTensor> tensors, String prefix, Routing.Router router, int n) {
        return IntStream.range(0, n)
                .mapToObj(step -> network(tensors, prefix + step + ".", router, 1))
                .toList();
    }

    private static RouterNetwork network(
            Map<String, StoredTensor> tensors, String prefix, Routing.Router router, int outputs) {
        return RouterNetwork.read(tensors, prefix, router.type(), outputs, router.temperature());
    }
}
