package dev.saiki.engine.constraint;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The rules over bytes for one character from a set, in UTF-8, either literal or escaped as in a JSON string.
final class CodePointRules {

    private static final CodePoints CONTROLS = CodePoints.of(0, 0x1F);
    private static final CodePoints QUOTED = CodePoints.of("\"\\");
    private static final Map<Integer, String> SHORT_ESCAPES =
            Map.of((int) '\b', "\\b", (int) '\f', "\\f", (int) '\n', "\\n", (int) '\r', "\\r", (int) '\t', "\\t");
    private static final int BITS_OF_A_FOLLOWER = 6;

    private final Grammar.Builder builder;
    private final boolean inJsonString;
    private final Map<CodePoints, Integer> known = new HashMap<>();

    private CodePointRules(Grammar.Builder builder, boolean inJsonString) {
        this.builder = builder;
        this.inJsonString = inJsonString;
    }

    static CodePointRules plain(Grammar.Builder builder) {
        return new CodePointRules(builder, false);
    }

    static CodePointRules inJsonString(Grammar.Builder builder) {
        return new CodePointRules(builder, true);
    }

    /// The rule of one character.
    ///
    /// @param points the set of characters, not empty
    int one(CodePoints points) {
        Integer made = known.get(points);
        if (made == null) {
            made = inJsonString ? escaped(points) : utf8(points);
            known.put(points, made);
        }
        return made;
    }

    private int escaped(CodePoints points) {
        List<Integer> options = new ArrayList<>();
        CodePoints asTheyStand = points.without(CONTROLS).without(QUOTED);
        if (!asTheyStand.isEmpty()) {
            options.add(utf8(asTheyStand));
        }
        for (CodePoints.Range range : points.and(CONTROLS.or(QUOTED)).ranges()) {
            for (int point = range.from(); point <= range.to(); point++) {
                options.add(builder.text(escape(point)));
            }
        }
        return builder.oneOf(options);
    }

    private static String escape(int point) {
        return QUOTED.contains(point)
                ? "\\" + Character.toString(point)
                : SHORT_ESCAPES.getOrDefault(point, String.format("\\u%04x", point));
    }

    private int utf8(CodePoints points) {
        List<List<ByteSet>> options = new ArrayList<>();
        for (CodePoints.Range range : points.ranges()) {
            int from = range.from();
            for (int last : new int[] {0x7F, 0x7FF, 0xFFFF, Character.MAX_CODE_POINT}) {
                if (from <= Math.min(last, range.to())) {
                    addSameLength(from, Math.min(last, range.to()), options);
                    from = Math.min(last, range.to()) + 1;
                }
            }
        }
        return tree(options);
    }

    /// The rule of several byte sequences, arranged as a tree in which each first byte leads to one rule. Without
    /// the tree, a set of many ranges would have to be followed along many paths at once.
    private int tree(List<List<ByteSet>> sequences) {
        @Nullable ByteSet last = null;
        Map<ByteSet, List<List<ByteSet>>> continuations = new LinkedHashMap<>();
        for (List<ByteSet> sequence : sequences) {
            ByteSet first = sequence.getFirst();
            if (sequence.size() == 1) {
                last = last == null ? first : last.or(first);
            } else {
                continuations.computeIfAbsent(first, _ -> new ArrayList<>()).add(sequence.subList(1, sequence.size()));
            }
        }
        List<Integer> options = new ArrayList<>();
        if (last != null) {
            options.add(builder.bytes(last));
        }
        continuations.forEach((first, rest) -> options.add(builder.inOrder(builder.bytes(first), tree(rest))));
        return builder.oneOf(options);
    }

    /// Splits a range until, in each part, the byte at each position has a range that does not depend on the other
    /// bytes. All characters of the range have the same number of bytes.
    private void addSameLength(int from, int to, List<List<ByteSet>> options) {
        int bytes = Character.toString(from).getBytes(UTF_8).length;
        for (int follower = 1; follower < bytes; follower++) {
            int mask = (1 << (follower * BITS_OF_A_FOLLOWER)) - 1;
            if ((from & ~mask) != (to & ~mask)) {
                if ((from & mask) != 0) {
                    addSameLength(from, from | mask, options);
                    addSameLength((from | mask) + 1, to, options);
                    return;
                }
                if ((to & mask) != mask) {
                    addSameLength(from, (to & ~mask) - 1, options);
                    addSameLength(to & ~mask, to, options);
                    return;
                }
            }
        }
        byte[] first = Character.toString(from).getBytes(UTF_8);
        byte[] last = Character.toString(to).getBytes(UTF_8);
        List<ByteSet> parts = new ArrayList<>();
        for (int i = 0; i < bytes; i++) {
            parts.add(ByteSet.range(first[i] & 0xFF, last[i] & 0xFF));
        }
        options.add(parts);
    }
}
