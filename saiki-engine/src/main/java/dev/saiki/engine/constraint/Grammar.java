package dev.saiki.engine.constraint;

import dev.saiki.io.InputException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// A context-free grammar over bytes; characters would not do, because a token may be a part of a character.
///
/// No rule may reach itself before a byte is read: {@link Builder#build} rejects left recursion. So the possible
/// continuations of a text are found in finitely many steps ({@link ByteAutomaton}).
///
/// @param rules the rules, in order of their numbers
/// @param start number of the rule that the whole text matches
/// @param classes the byte classes that the rules distinguish
record Grammar(List<Rule> rules, int start, ByteClasses classes) {

    /// The maximum of a repetition without a limit.
    static final int UNBOUNDED = Integer.MAX_VALUE;

    Grammar {
        rules = List.copyOf(rules);
    }

    /// A builder of grammars.
    static final class Builder {

        private static final int MAX_RULES = 50_000;
        private static final int MAX_PARTS = 200_000;

        private final List<Rule> rules = new ArrayList<>();
        private int numParts;
        private final String where;

        /// @param where source of the grammar, for messages
        Builder(String where) {
            this.where = where;
        }

        int add(Rule rule) {
            InputException.require(rules.size() < MAX_RULES, where, "size", "at most " + MAX_RULES + " rules", "more");
            numParts += partsOf(rule).size();
            InputException.require(
                    numParts <= MAX_PARTS, where, "size", "at most " + MAX_PARTS + " parts of rules", "more");
            rules.add(rule);
            return rules.size() - 1;
        }

        private static List<Integer> partsOf(Rule rule) {
            return switch (rule) {
                case Rule.Terminal _ -> List.of();
                case Rule.Concatenation inOrder -> inOrder.parts();
                case Rule.Alternation oneOf -> oneOf.options();
                case Rule.Repetition times -> List.of(times.repeated());
            };
        }

        int bytes(ByteSet bytes) {
            return add(new Rule.Terminal(bytes));
        }

        int nothing() {
            return add(new Rule.Concatenation(List.of()));
        }

        int text(String text) {
            List<Integer> parts = new ArrayList<>();
            for (byte value : text.getBytes(StandardCharsets.UTF_8)) {
                parts.add(bytes(ByteSet.of(value & 0xFF)));
            }
            return inOrder(parts);
        }

        int inOrder(List<Integer> parts) {
            return parts.size() == 1 ? parts.getFirst() : add(new Rule.Concatenation(parts));
        }

        int inOrder(Integer... parts) {
            return inOrder(List.of(parts));
        }

        int oneOf(List<Integer> options) {
            return options.size() == 1 ? options.getFirst() : add(new Rule.Alternation(options));
        }

        int oneOf(Integer... options) {
            return oneOf(List.of(options));
        }

        int times(int repeated, int least, int most) {
            return add(new Rule.Repetition(repeated, least, most));
        }

        int optional(int rule) {
            return times(rule, 0, 1);
        }

        /// Reserves a number for a rule that {@link #define} defines later.
        int reserve() {
            return add(new Rule.Alternation(List.of(rules.size())));
        }

        void define(int reserved, int rule) {
            rules.set(reserved, new Rule.Alternation(List.of(rule)));
        }

        Grammar build(int start) {
            BitSet empty = matchingEmpty();
            BitSet path = new BitSet();
            BitSet done = new BitSet();
            for (int rule = 0; rule < rules.size(); rule++) {
                requireProgress(rule, empty, path, done);
            }
            return new Grammar(rules, start, new ByteClasses(byteSets()));
        }

        private Set<ByteSet> byteSets() {
            Set<ByteSet> sets = new LinkedHashSet<>();
            for (Rule rule : rules) {
                if (rule instanceof Rule.Terminal(ByteSet bytes)) {
                    sets.add(bytes);
                }
            }
            return sets;
        }

        private BitSet matchingEmpty() {
            BitSet empty = new BitSet();
            int known;
            do {
                known = empty.cardinality();
                for (int rule = 0; rule < rules.size(); rule++) {
                    if (matchesEmpty(rules.get(rule), empty)) {
                        empty.set(rule);
                    }
                }
            } while (empty.cardinality() > known);
            return empty;
        }

        private static boolean matchesEmpty(Rule rule, BitSet empty) {
            return switch (rule) {
                case Rule.Terminal _ -> false;
                case Rule.Concatenation inOrder -> inOrder.parts().stream().allMatch(empty::get);
                case Rule.Alternation oneOf -> oneOf.options().stream().anyMatch(empty::get);
                case Rule.Repetition times -> times.least() == 0 || empty.get(times.repeated());
            };
        }

        /// Visits the rules with which the given rule can begin, and rejects left recursion.
        private void requireProgress(int rule, BitSet empty, BitSet path, BitSet done) {
            if (done.get(rule)) {
                return;
            }
            if (path.get(rule)) {
                throw new InputException(where + ": a $ref refers only to itself");
            }
            path.set(rule);
            for (int first : beginnings(rules.get(rule), empty)) {
                requireProgress(first, empty, path, done);
            }
            path.clear(rule);
            done.set(rule);
        }

        private static List<Integer> beginnings(Rule rule, BitSet empty) {
            return switch (rule) {
                case Rule.Terminal _ -> List.of();
                case Rule.Concatenation inOrder -> {
                    List<Integer> first = new ArrayList<>();
                    for (int part : inOrder.parts()) {
                        first.add(part);
                        if (!empty.get(part)) {
                            break;
                        }
                    }
                    yield first;
                }
                case Rule.Alternation oneOf -> oneOf.options();
                case Rule.Repetition times -> List.of(times.repeated());
            };
        }
    }
}
