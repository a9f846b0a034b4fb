package dev.saiki.engine.constraint;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/// The rules of an answer that is either an arbitrary text or a labelled object. If the answer begins with one of
/// several labels and an opening brace, the JSON object that the label's schema describes must follow the label. A
/// space may come before the label.
///
/// The rules decide at every byte which of the two an answer can still be. So no text that a schema rejects can be
/// accepted as plain text instead.
final class LabelRules {

    private static final int BRACE = '{';
    private static final int SPACE = ' ';
    private static final ByteSet ALL = ByteSet.range(0, 255);

    private final Grammar.Builder builder;
    private final Node root = new Node();
    private final int anything;

    /// A common prefix of labels.
    private static final class Node {
        private final SortedMap<Integer, Node> next = new TreeMap<>();
        private final List<Integer> objects = new ArrayList<>();
    }

    /// @param schemas schemas of objects, by label; no label is a prefix of another
    /// @param relaxation policy for keywords that cannot be enforced
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
        int afterSpace = rule(next, List.of());
        next.put(SPACE, afterSpace);
        return rule(next, List.of());
    }

    private SortedMap<Integer, Integer> rules(Node node) {
        SortedMap<Integer, Integer> rules = new TreeMap<>();
        node.next.forEach((value, below) -> rules.put(value, rule(rules(below), below.objects)));
        return rules;
    }

    /// The possible continuations of a prefix: the end of the text, a byte that makes it plain text, a byte that
    /// continues a label, or an object.
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
