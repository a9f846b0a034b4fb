package dev.saiki.engine.constraint;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// The rules of an arbitrary text in which given content must follow each occurrence of a mark.
///
/// There is a rule for each proper prefix of the mark. The rule that applies is the one for the longest prefix
/// with which the text ends, so the end of a mark is recognised immediately (the Knuth-Morris-Pratt automaton).
final class MarkRules {

    private static final ByteSet ALL = ByteSet.range(0, 255);

    private final Grammar.Builder builder;
    private final byte[] mark;
    private final int marked;

    /// @param mark the mark, not empty
    /// @param marked the rule of the content after the mark
    MarkRules(Grammar.Builder builder, String mark, int marked) {
        this.builder = builder;
        this.mark = mark.getBytes(StandardCharsets.UTF_8);
        this.marked = marked;
    }

    int rule() {
        int[] rules = new int[mark.length];
        Arrays.setAll(rules, _ -> builder.reserve());
        ByteSet others = ALL;
        for (byte value : mark) {
            others = others.without(value & 0xFF);
        }
        for (int begun = 0; begun < rules.length; begun++) {
            List<Integer> options = new ArrayList<>(List.of(builder.nothing()));
            options.add(builder.inOrder(builder.bytes(others), rules[0]));
            for (int value : values()) {
                int next = after(begun, value);
                int read = builder.bytes(ByteSet.of(value));
                options.add(
                        next < mark.length
                                ? builder.inOrder(read, rules[next])
                                : builder.inOrder(read, marked, rules[0]));
            }
            builder.define(rules[begun], builder.oneOf(options));
        }
        return rules[0];
    }

    /// The distinct bytes of the mark.
    private List<Integer> values() {
        List<Integer> values = new ArrayList<>();
        for (byte value : mark) {
            if (!values.contains(value & 0xFF)) {
                values.add(value & 0xFF);
            }
        }
        return values;
    }

    /// The length, after one more byte, of the longest prefix of the mark with which the text ends.
    private int after(int begun, int value) {
        byte[] text = Arrays.copyOf(mark, begun + 1);
        text[begun] = (byte) value;
        int length = text.length;
        while (!Arrays.equals(text, text.length - length, text.length, mark, 0, length)) {
            length--;
        }
        return length;
    }
}
