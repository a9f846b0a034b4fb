package dev.saiki.engine.model;

import dev.saiki.checkpoint.config.CausalBy;
import dev.saiki.checkpoint.config.EffortThresholds;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.ParameterNames;
import dev.saiki.checkpoint.config.RouterFunction;
import dev.saiki.checkpoint.config.RouterType;
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
                        RouterNetwork.read(tensors, "model.router.", choice.routerType(), n, choice.temperature()),
                        choice,
                        expertBias(n, tensors),
                        hidden);
        };
    }

    private static float[] expertBias(int n, Map<String, StoredTensor> tensors) {
        StoredTensor bias = tensors.get(ParameterNames.EXPERT_BIAS);
        return bias == null ? new float[n] : bias.toFloats();
    }

    private static Router expertChoice(
            Routing.ExpertChoice choice, ModelConfig config, Map<String, StoredTensor> tensors) {
        int n = config.numRecursions();
        List<RouterNetwork> routers = each(tensors, ROUTERS, choice.routerType(), n, choice.temperature());
        List<RouterNetwork> deciding = choice.causalBy() == CausalBy.AUXILIARY_ROUTER
                ? each(tensors, AUXILIARY_ROUTERS, choice.routerType(), n, choice.temperature())
                : routers;
        double[] thresholds =
                choice.threshold().stream().mapToDouble(Double::doubleValue).toArray();
        double alpha = choice.routerFunc() == RouterFunction.NONE ? 1 : choice.alpha();
        // With step gates only the deciding router is evaluated, because the score of the router itself would be
        // its gate.
        return new ExpertRouter(
                config.hasStepGates() ? deciding : routers,
                deciding,
                new Gate(choice.routerFunc(), alpha, choice.gating(), config.hiddenSize()),
                _ -> thresholds);
    }

    private static Router expertThreshold(
            Routing.ExpertThreshold choice, int n, int hidden, Map<String, StoredTensor> tensors) {
        List<RouterNetwork> routers = each(tensors, ROUTERS, choice.routerType(), n, choice.temperature());
        EffortThresholds thresholds = new EffortThresholds(
                choice.effortGrid(),
                EngineWeights.require(tensors, ParameterNames.ROUTER_THRESHOLDS).toFloats());
        double alpha = choice.routerFunc() == RouterFunction.NONE ? 1 : choice.alpha();
        return new ExpertRouter(
                routers,
                routers,
                new Gate(choice.routerFunc(), alpha, choice.gating(), hidden),
                effort -> thresholds.at(effort.orElse(choice.defaultEffort())));
    }

    private static List<RouterNetwork> each(
            Map<String, StoredTensor> tensors, String prefix, RouterType type, int n, double temperature) {
        return IntStream.range(0, n)
                .mapToObj(step -> RouterNetwork.read(tensors, prefix + step + ".", type, 1, temperature))
                .toList();
    }
}
