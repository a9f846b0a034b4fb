package dev.saiki.checkpoint.config;

import dev.saiki.checkpoint.json.JsonFields;
import dev.saiki.io.InputException;
import dev.saiki.io.Suggestions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The JSON form of a {@link Routing}.
final class RoutingJson {

    private static final Set<String> ROUTER =
            Set.of("type", "router_type", "router_func", "alpha", "temperature", "gating");
    private static final Set<String> GATE = Set.of("router_func", "alpha", "gating");
    private static final Map<String, Set<String>> KEYS = Map.of(
            "none",
            Set.of("type"),
            "expert_choice",
            joined(ROUTER, Set.of("capacity", "threshold", "causal_by")),
            "token_choice",
            joined(ROUTER, Set.of("token_gate")),
            "expert_threshold",
            joined(ROUTER, Set.of("effort_grid", "default_effort")),
            "random",
            Set.of("type", "alpha", "gating", "capacity"));
    private static final Set<String> ALL =
            KEYS.values().stream().flatMap(Set::stream).collect(Collectors.toUnmodifiableSet());

    private static final List<String> TYPES =
            List.of("none", "expert_choice", "token_choice", "expert_threshold", "random");

    private RoutingJson() {}

    private static Set<String> joined(Set<String> first, Set<String> second) {
        return Stream.concat(first.stream(), second.stream()).collect(Collectors.toUnmodifiableSet());
    }

    /// Reads the block; if its type or another required key is missing, reports the key and returns an empty
    /// result.
    ///
    /// @param stepGates whether the steps have gates of their own, so that the router has none
    static Optional<Routing> read(JsonFields fields, int numRecursions, boolean stepGates) {
        Optional<String> type = fields.require("type", fields.optionalString("type"));
        if (stepGates && !type.equals(Optional.of("token_choice"))) {
            GATE.stream()
                    .filter(key -> fields.value(key).isPresent())
                    .forEach(key -> fields.complain(new InputException(fields.path(key)
                            + " is not used with recursion.step_gates, since the router's score is then not a gate")));
        }
        return type.flatMap(kind -> read(kind, fields, numRecursions));
    }

    private static Optional<Routing> read(String type, JsonFields fields, int numRecursions) {
        Set<String> known = KEYS.get(type);
        if (known == null) {
            throw new InputException("routing.type must be one of " + String.join(", ", TYPES) + ", got \"" + type
                    + "\"" + Suggestions.hint(type, TYPES));
        }
        requireKnown(fields, type, known);
        return switch (type) {
            case "expert_choice" ->
                Optional.of(new Routing.ExpertChoice(
                        router(fields, RouterFunction.SIGMOID),
                        capacity(fields, numRecursions),
                        fields.optionalDoubles("threshold").orElseGet(() -> Routing.defaultThreshold(numRecursions)),
                        JsonEnum.read(fields, "causal_by", CausalBy.values()).orElse(CausalBy.ROUTER)));
            case "token_choice" ->
                Optional.of(new Routing.TokenChoice(
                        router(fields, RouterFunction.SOFTMAX),
                        JsonEnum.read(fields, "token_gate", TokenGate.values()).orElse(TokenGate.EVERY)));
            case "expert_threshold" -> readExpertThreshold(fields);
            case "random" ->
                Optional.of(new Routing.Random(
                        fields.optionalDouble("alpha").orElse(Routing.DEFAULT_RANDOM_ALPHA),
                        gating(fields),
                        capacity(fields, numRecursions)));
            default -> Optional.of(new Routing.None());
        };
    }

    /// Reports every key that belongs to another routing type or is unknown.
    private static void requireKnown(JsonFields fields, String type, Set<String> known) {
        fields.requireKnown(ALL);
        for (String key : fields.keys()) {
            if (ALL.contains(key) && !known.contains(key) && fields.value(key).isPresent()) {
                fields.complain(new InputException(fields.path(key) + " is not used by routing.type " + type
                        + "; this type uses "
                        + String.join(", ", known.stream().sorted().toList())));
            }
        }
    }

    private static Optional<Routing> readExpertThreshold(JsonFields fields) {
        Routing.Router router = router(fields, RouterFunction.SIGMOID);
        Optional<List<Double>> grid = fields.require("effort_grid", fields.optionalDoubles("effort_grid"));
        Optional<Double> effort = fields.require("default_effort", fields.optionalDouble("default_effort"));
        return grid.flatMap(efforts -> effort.map(usual -> new Routing.ExpertThreshold(router, efforts, usual)));
    }

    private static Routing.Router router(JsonFields fields, RouterFunction usual) {
        RouterFunction function =
                JsonEnum.read(fields, "router_func", RouterFunction.values()).orElse(usual);
        return new Routing.Router(
                JsonEnum.read(fields, "router_type", RouterType.values()).orElse(RouterType.LINEAR),
                function,
                fields.optionalDouble("alpha").orElseGet(() -> Routing.defaultAlpha(function)),
                fields.optionalDouble("temperature").orElse(1.0),
                gating(fields));
    }

    private static Gating gating(JsonFields fields) {
        return JsonEnum.read(fields, "gating", Gating.values()).orElse(Gating.WEIGHTED);
    }

    private static List<Double> capacity(JsonFields fields, int numRecursions) {
        return fields.optionalDoubles("capacity").orElseGet(() -> Capacities.balanced(numRecursions));
    }

    static void write(Routing routing, ObjectNode json, boolean stepGates) {
        write(routing, json);
        if (stepGates) {
            json.remove(GATE);
        }
    }

    private static void write(Routing routing, ObjectNode json) {
        json.put("type", routing.key());
        switch (routing) {
            case Routing.None _ -> {}
            case Routing.ExpertChoice expert -> {
                writeRouter(json, expert.router());
                writeList(json.putArray("capacity"), expert.capacity());
                writeList(json.putArray("threshold"), expert.threshold());
                json.put("causal_by", expert.causalBy().key());
            }
            case Routing.TokenChoice token -> {
                writeRouter(json, token.router());
                json.put("token_gate", token.tokenGate().key());
            }
            case Routing.ExpertThreshold expert -> {
                writeRouter(json, expert.router());
                writeList(json.putArray("effort_grid"), expert.effortGrid());
                json.put("default_effort", expert.defaultEffort());
            }
            case Routing.Random random -> {
                json.put("alpha", random.alpha());
                json.put("gating", random.gating().key());
                writeList(json.putArray("capacity"), random.capacity());
            }
        }
    }

    private static void writeRouter(ObjectNode json, Routing.Router router) {
        json.put("router_type", router.type().key());
        json.put("router_func", router.function().key());
        json.put("alpha", router.alpha());
        json.put("temperature", router.temperature());
        json.put("gating", router.gating().key());
    }

    private static void writeList(ArrayNode array, List<Double> numbers) {
        numbers.forEach(array::add);
    }
}
