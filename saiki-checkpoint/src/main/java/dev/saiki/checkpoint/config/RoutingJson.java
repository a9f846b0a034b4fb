package dev.saiki.checkpoint.config;

import dev.saiki.checkpoint.json.JsonFields;
import dev.saiki.io.InputException;
import dev.saiki.io.Suggestions;
import java.util.List;
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
    private static final Set<String> NONE = Set.of("type");
    private static final Set<String> RANDOM = Set.of("type", "alpha", "gating", "capacity");
    private static final Set<String> EXPERT_CHOICE = joined(ROUTER, Set.of("capacity", "threshold", "causal_by"));
    private static final Set<String> TOKEN_CHOICE = joined(ROUTER, Set.of("token_gate"));
    private static final Set<String> EXPERT_THRESHOLD = joined(ROUTER, Set.of("effort_grid", "default_effort"));
    private static final Set<String> ALL = joined(joined(EXPERT_CHOICE, TOKEN_CHOICE), EXPERT_THRESHOLD);

    private static final List<String> TYPES =
            List.of("none", "expert_choice", "token_choice", "expert_threshold", "random");

    private RoutingJson() {}

    private static Set<String> joined(Set<String> first, Set<String> second) {
        return Stream.concat(first.stream(), second.stream()).collect(Collectors.toUnmodifiableSet());
    }

    /// Reads the block, unless its type or another required key was reported as missing.
    ///
    /// @param stepGates whether the steps have their own gates, so that a router has none
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
        return switch (type) {
            case "none" -> {
                requireKnown(fields, type, NONE);
                yield Optional.of(new Routing.None());
            }
            case "expert_choice" -> {
                requireKnown(fields, type, EXPERT_CHOICE);
                yield Optional.of(readExpertChoice(fields, numRecursions));
            }
            case "token_choice" -> {
                requireKnown(fields, type, TOKEN_CHOICE);
                yield Optional.of(readTokenChoice(fields));
            }
            case "expert_threshold" -> {
                requireKnown(fields, type, EXPERT_THRESHOLD);
                yield readExpertThreshold(fields);
            }
            case "random" -> {
                requireKnown(fields, type, RANDOM);
                yield Optional.of(new Routing.Random(
                        fields.optionalDouble("alpha").orElse(Routing.DEFAULT_RANDOM_ALPHA),
                        gating(fields),
                        capacity(fields, numRecursions)));
            }
            default ->
                throw new InputException("routing.type must be one of " + String.join(", ", TYPES) + ", got \"" + type
                        + "\"" + Suggestions.hint(type, TYPES));
        };
    }

    /// Distinguishes a key of another routing type from an unknown one.
    private static void requireKnown(JsonFields fields, String type, Set<String> known) {
        fields.requireKnown(ALL);
        for (String key : fields.keys()) {
            if (ALL.contains(key) && !known.contains(key) && fields.value(key).isPresent()) {
                fields.complain(
                        new InputException(fields.path(key) + " is not used by routing.type " + type + "; it uses "
                                + String.join(", ", known.stream().sorted().toList())));
            }
        }
    }

    private static Routing.ExpertChoice readExpertChoice(JsonFields fields, int numRecursions) {
        RouterFunction function = function(fields, RouterFunction.SIGMOID);
        return new Routing.ExpertChoice(
                routerType(fields),
                function,
                alpha(fields, function),
                temperature(fields),
                gating(fields),
                capacity(fields, numRecursions),
                fields.optionalDoubles("threshold").orElseGet(() -> Routing.defaultThreshold(numRecursions)),
                fields.optionalChoice("causal_by", CausalBy::fromKey).orElse(CausalBy.ROUTER));
    }

    private static Routing.TokenChoice readTokenChoice(JsonFields fields) {
        RouterFunction function = function(fields, RouterFunction.SOFTMAX);
        return new Routing.TokenChoice(
                routerType(fields),
                function,
                alpha(fields, function),
                temperature(fields),
                gating(fields),
                fields.optionalChoice("token_gate", TokenGate::fromKey).orElse(TokenGate.EVERY));
    }

    private static Optional<Routing> readExpertThreshold(JsonFields fields) {
        RouterFunction function = function(fields, RouterFunction.SIGMOID);
        RouterType type = routerType(fields);
        double alpha = alpha(fields, function);
        double temperature = temperature(fields);
        Gating gating = gating(fields);
        Optional<List<Double>> grid = fields.require("effort_grid", fields.optionalDoubles("effort_grid"));
        Optional<Double> effort = fields.require("default_effort", fields.optionalDouble("default_effort"));
        return grid.flatMap(efforts -> effort.map(
                usual -> new Routing.ExpertThreshold(type, function, alpha, temperature, gating, efforts, usual)));
    }

    private static RouterType routerType(JsonFields fields) {
        return fields.optionalChoice("router_type", RouterType::fromKey).orElse(RouterType.LINEAR);
    }

    private static RouterFunction function(JsonFields fields, RouterFunction fallback) {
        return fields.optionalChoice("router_func", RouterFunction::fromKey).orElse(fallback);
    }

    private static double alpha(JsonFields fields, RouterFunction function) {
        return fields.optionalDouble("alpha").orElseGet(() -> Routing.defaultAlpha(function));
    }

    private static double temperature(JsonFields fields) {
        return fields.optionalDouble("temperature").orElse(1.0);
    }

    private static Gating gating(JsonFields fields) {
        return fields.optionalChoice("gating", Gating::fromKey).orElse(Gating.WEIGHTED);
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
                writeRouter(json, expert.routerType(), expert.routerFunc(), expert.alpha(), expert.temperature());
                json.put("gating", expert.gating().key());
                writeList(json.putArray("capacity"), expert.capacity());
                writeList(json.putArray("threshold"), expert.threshold());
                json.put("causal_by", expert.causalBy().key());
            }
            case Routing.TokenChoice token -> {
                writeRouter(json, token.routerType(), token.routerFunc(), token.alpha(), token.temperature());
                json.put("gating", token.gating().key());
                json.put("token_gate", token.tokenGate().key());
            }
            case Routing.ExpertThreshold expert -> {
                writeRouter(json, expert.routerType(), expert.routerFunc(), expert.alpha(), expert.temperature());
                json.put("gating", expert.gating().key());
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

    private static void writeRouter(
            ObjectNode json, RouterType type, RouterFunction function, double alpha, double temperature) {
        json.put("router_type", type.key());
        json.put("router_func", function.key());
        json.put("alpha", alpha);
        json.put("temperature", temperature);
    }

    private static void writeList(ArrayNode array, List<Double> numbers) {
        numbers.forEach(array::add);
    }
}
