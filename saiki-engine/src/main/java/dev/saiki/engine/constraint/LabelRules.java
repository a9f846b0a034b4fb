package dev.saiki.engine.constraint;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/// The rules of an answer that may be any text, unless it begins as one of several labelled JSON objects: with
/// a label and an opening brace, perhaps behind one space. From there on it is that object, as its schema
/// describes it.
///
/// At every byte it is certain which of both an answer still is, so that no text slips by as an object that its
/// schema would not have let through.
final class LabelRules {

    private static final int BRACE = '{';
    private static final int SPACE = ' ';
    private static final ByteSet ALL = ByteSet.range(0, 255);

    private final Grammar.Builder builder;
    private final Node root = new Node();
    private final int anything;

    /// A beginning of labels.
    private static final class Node {
        private final SortedMap<Integer, Node> next = new TreeMap<>();
        private final List<Integer> objects = new ArrayList<>();
    }

    /// @param schemas of objects, by label; no label is the beginning of another
    /// @param relaxation what is done about keywords that cannot bind
    LabelRules(Grammar.Builder builder, Map<String, JsonForm> schemas, Relaxation relaxation) {
        this.builder = builder;
        this.anything = builder.times(builder.bytes(ALL), 0, Grammar.UNBOUNDED);
        schemas.forEach((label, schema) -> {
            Node node = root;
            for (byte value : label.getBytes(StandardCharsets.UTF_8)) {
                node = node.next.computeIfAbsent(value & 0xFF, _ -> new Node());
            }
            node.objects.add(new JsonSchemaRules(builder, schema.schema(), relaxation.with(schema.strict())).root());
        });
    }

    int rule() {
        SortedMap<Integer, Integer> next = rules(root);
        int behindSpace = rule(next, List.of());
        next.put(SPACE, behindSpace);
        return rule(next, List.of());
    }

    private SortedMap<Integer, Integer> rules(Node node) {
        SortedMap<Integer, Integer> rules = new TreeMap<>();
        node.next.forEach((value, below) -> rules.put(value, rule(rules(below), below.objects)));
        return rules;
    }

    /// What may follow a beginning: its end, a byte with which it is text for good, one that goes on with a
    /// label, or an object.
    private int rule(SortedMap<Integer, Integer> next, List<Integer> objects) {
        ByteSet text = objects.isEmpty() ? ALL : ALL.without(BRACE);
        List<Integer> options = new ArrayList<>(List.of(builder.nothing()));
        for (Map.Entry<Integer, Integer> each : next.entrySet()) {
            text = text.without(each.getKey());
            options.add(builder.inOrder(builder.bytes(ByteSet.of(each.getKey())), each.getValue()));
        }
        options.add(builder.inOrder(builder.bytes(text), anything));
        options.addAll(objects);
        return builder.oneOf(options);
    }
}
