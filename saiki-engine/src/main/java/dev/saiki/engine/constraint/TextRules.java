package dev.saiki.engine.constraint;

import dev.saiki.io.InputException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.lucene.util.automaton.Automaton;
import tools.jackson.databind.JsonNode;

/// The rules of a schema's strings: with a length, a pattern, a format, or several of these together.
final class TextRules {

    private static final String PATTERN = "pattern";
    private static final String FORMAT = "format";

    private final Grammar.Builder builder;
    private final JsonRules json;
    private final CodePointRules characters;
    private final Relaxation relaxation;

    /// A condition on a text.
    ///
    /// @param otherwise a wider alternative, used if `texts` contradicts the other conditions
    private record Condition(String keyword, Regex texts, Optional<Regex> otherwise) {
        Condition(String keyword, Regex texts) {
            this(keyword, texts, Optional.empty());
        }
    }

    TextRules(Grammar.Builder builder, JsonRules json, Relaxation relaxation) {
        this.builder = builder;
        this.json = json;
        this.characters = CodePointRules.inJsonString(builder);
        this.relaxation = relaxation;
    }

    /// The rule of a schema's strings, in quotes.
    int rule(JsonNode node, String where) {
        int least = SchemaValues.count(node, "minLength", where, 0);
        int most = SchemaValues.count(node, "maxLength", where, Grammar.UNBOUNDED);
        SchemaValues.requireOrder(least, most, where, "minLength", "maxLength");
        boolean isSized = least > 0 || most < Grammar.UNBOUNDED;
        List<Condition> conditions = conditions(node, where);
        if (conditions.isEmpty()) {
            return json.string(least, most);
        }
        if (isSized) {
            conditions.add(new Condition(
                    node.has("minLength") ? "minLength" : "maxLength",
                    new Regex.Repeated(new Regex.Characters(CodePoints.ALL), least, most)));
        }
        Optional<Integer> rule =
                conditions.size() == 1 ? single(conditions.getFirst(), where) : several(conditions, where);
        return rule.map(json::quoted).orElseGet(() -> json.string(least, most));
    }

    private List<Condition> conditions(JsonNode node, String where) {
        List<Condition> conditions = new ArrayList<>();
        for (JsonNode pattern : SchemaValues.all(node, PATTERN)) {
            String expression = SchemaValues.text(pattern, where + "/pattern");
            if (SchemaValues.all(node, FORMAT).stream()
                    .anyMatch(format -> TextFormats.isPatternOf(format.asString(), expression))) {
                continue;
            }
            try {
                conditions.add(new Condition(PATTERN, RegexParser.search(expression)));
            } catch (InputException unsupported) {
                relaxation.ignore(where, PATTERN, "cannot be enforced: " + unsupported.getMessage());
            }
        }
        boolean hasPattern = !conditions.isEmpty();
        for (JsonNode format : SchemaValues.all(node, FORMAT)) {
            String name = SchemaValues.text(format, where + "/format");
            Optional<Regex> texts = TextFormats.written(name);
            texts.ifPresent(known -> conditions.add(new Condition(FORMAT, known, TextFormats.allowed(name))));
            if (texts.isEmpty() && !(hasPattern && TextFormats.isImpliedByPattern(name))) {
                relaxation.ignore(
                        where,
                        FORMAT,
                        "must be one of " + SchemaKeywords.sorted(TextFormats.names())
                                + ", or a format of zod together with its pattern, got " + name);
            }
        }
        return conditions;
    }

    private Optional<Integer> single(Condition condition, String where) {
        try {
            return Optional.of(new RegexRules(builder, characters).rule(condition.texts()));
        } catch (InputException unsupported) {
            relaxation.ignoreAfterAttempt(
                    where, condition.keyword(), "cannot be enforced: " + unsupported.getMessage());
            return Optional.empty();
        }
    }

    private static Automaton and(Optional<Automaton> all, Regex texts) {
        Automaton more = TextAutomata.of(texts);
        return TextAutomata.deterministic(all.isPresent() ? TextAutomata.both(all.get(), more) : more);
    }

    private static List<Regex> textsOf(List<Condition> conditions) {
        return conditions.stream()
                .flatMap(condition -> Regex.atOnce(condition.texts()).stream())
                .toList();
    }

    /// The intersection of all conditions; empty if no text satisfies them all, or if the automata become too
    /// large in this order. If a narrow condition comes first, a wide one adds few states.
    private static Optional<Automaton> inOrder(List<Regex> conditions) {
        try {
            Optional<Automaton> all = Optional.empty();
            for (Regex condition : conditions) {
                all = Optional.of(TextAutomata.notEmpty(and(all, condition)));
            }
            return all;
        } catch (InputException tooLarge) {
            return Optional.empty();
        }
    }

    /// The rule of all conditions together; conditions that cannot be added are ignored or rejected.
    private Optional<Integer> several(List<Condition> conditions, String where) {
        Optional<Automaton> all = inOrder(textsOf(conditions))
                .or(() -> inOrder(textsOf(conditions).reversed()));
        if (all.isPresent()) {
            return all.map(texts -> new AutomatonRules(builder, characters).rule(texts));
        }
        for (Condition condition : conditions) {
            try {
                Automaton both = and(all, condition.texts());
                if (both.getNumStates() == 0 && condition.otherwise().isPresent()) {
                    both = and(all, condition.otherwise().get());
                }
                all = Optional.of(TextAutomata.notEmpty(both));
            } catch (InputException unsupported) {
                relaxation.ignoreAfterAttempt(
                        where,
                        condition.keyword(),
                        "cannot be combined with the other keywords: " + unsupported.getMessage());
            }
        }
        return all.map(texts -> new AutomatonRules(builder, characters).rule(texts));
    }
}
