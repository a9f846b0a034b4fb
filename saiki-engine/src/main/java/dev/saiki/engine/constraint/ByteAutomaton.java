package dev.saiki.engine.constraint;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/// Follows a grammar byte by byte.
///
/// A grammar with recursion needs a stack, and one with choices several at a time. A stack is a chain of frames, each
/// "this rule, of which so much is done, and then that frame"; equal frames are one and the same and have a number. A
/// state is the set of frames whose next byte is being waited for. States are made when they are first reached and
/// kept, so that following a byte for the second time is one look into a table: the subset construction of a finite
/// automaton, done as far as texts go. What is kept grows with the text at most, and belongs to one answer.
///
/// Not safe for several threads.
final class ByteAutomaton {

    /// The state in which no text matches any more.
    static final int DEAD = -1;

    private static final int UNKNOWN = -2;
    private static final int END = -1;
    private static final int BYTES = 256;

    private final Grammar grammar;
    private final Map<Frame, Integer> numbers = new HashMap<>();
    private final List<Frame> frames = new ArrayList<>();
    private final Map<State, Integer> stateNumbers = new HashMap<>();
    private final List<State> states = new ArrayList<>();
    private final List<int[]> followers = new ArrayList<>();

    /// What is still to be matched.
    ///
    /// @param rule number of the rule
    /// @param done parts or repetitions of it that are done
    /// @param next frame that follows; {@link #END} if the text may end there
    private record Frame(int rule, int done, int next) {}

    /// Where a text can stand.
    ///
    /// @param waiting frames of single bytes, rising
    /// @param mayEnd whether the text may end here
    private record State(List<Integer> waiting, boolean mayEnd) {}

    ByteAutomaton(Grammar grammar) {
        this.grammar = grammar;
    }

    /// The state of the empty text.
    int start() {
        Reached reached = new Reached();
        reached.add(frame(grammar.start(), 0, END));
        return reached.state();
    }

    /// The state after one more byte.
    ///
    /// @param state not {@link #DEAD}
    /// @param value from 0 to 255
    int next(int state, int value) {
        int[] known = followers.get(state);
        if (known[value] == UNKNOWN) {
            known[value] = follow(states.get(state), value);
        }
        return known[value];
    }

    /// Whether the text may end here.
    boolean mayEnd(int state) {
        return states.get(state).mayEnd();
    }

    /// Whether the text must end here.
    boolean mustEnd(int state) {
        return states.get(state).waiting().isEmpty();
    }

    private int follow(State state, int value) {
        Reached reached = new Reached();
        for (int number : state.waiting()) {
            Frame frame = frames.get(number);
            if (grammar.rules().get(frame.rule()) instanceof Rule.OneByte one
                    && one.bytes().contains(value)) {
                reached.add(frame.next());
            }
        }
        return reached.isEmpty() ? DEAD : reached.state();
    }

    private int frame(int rule, int done, int next) {
        Frame frame = new Frame(rule, done, next);
        return numbers.computeIfAbsent(frame, added -> {
            frames.add(added);
            return frames.size() - 1;
        });
    }

    /// The frames that can be reached without reading a byte.
    private final class Reached {

        private final BitSet seen = new BitSet();
        private final TreeSet<Integer> waiting = new TreeSet<>();
        private boolean mayEnd;

        boolean isEmpty() {
            return waiting.isEmpty() && !mayEnd;
        }

        int state() {
            State state = new State(List.copyOf(waiting), mayEnd);
            return stateNumbers.computeIfAbsent(state, added -> {
                states.add(added);
                int[] unknown = new int[BYTES];
                Arrays.fill(unknown, UNKNOWN);
                followers.add(unknown);
                return states.size() - 1;
            });
        }

        void add(int number) {
            if (number == END) {
                mayEnd = true;
                return;
            }
            if (seen.get(number)) {
                return;
            }
            seen.set(number);
            Frame frame = frames.get(number);
            switch (grammar.rules().get(frame.rule())) {
                case Rule.OneByte _ -> waiting.add(number);
                case Rule.InOrder inOrder -> addPart(frame, inOrder.parts());
                case Rule.OneOf oneOf -> oneOf.options().forEach(option -> add(frame(option, 0, frame.next())));
                case Rule.Times times -> addRepetition(frame, times);
            }
        }

        private void addPart(Frame frame, List<Integer> parts) {
            if (frame.done() == parts.size()) {
                add(frame.next());
                return;
            }
            // A frame with nothing left is skipped, or a rule that ends with itself would make the chain ever longer.
            boolean last = frame.done() + 1 == parts.size();
            int then = last ? frame.next() : frame(frame.rule(), frame.done() + 1, frame.next());
            add(frame(parts.get(frame.done()), 0, then));
        }

        private void addRepetition(Frame frame, Rule.Times times) {
            if (frame.done() >= times.least()) {
                add(frame.next());
            }
            if (frame.done() < times.most()) {
                // Where there is no end, counting ends with the least number.
                int done = times.most() == Grammar.UNBOUNDED
                        ? Math.min(frame.done() + 1, times.least())
                        : frame.done() + 1;
                add(frame(times.repeated(), 0, frame(frame.rule(), done, frame.next())));
            }
        }
    }
}
