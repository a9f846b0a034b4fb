package dev.saiki.engine.constraint;

import dev.saiki.io.InputException;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// An automaton that follows a grammar byte by byte.
///
/// A grammar with recursion needs a stack, and a grammar with choices needs several stacks at a time. A stack is
/// a chain of frames. Each frame consists of a rule, the number of the rule's completed parts, and the next
/// frame; equal frames are stored once, under one number. A state is the set of frames that wait for the next
/// byte. States are built when they are first reached and then kept, so that following a byte a second time is a
/// table lookup. This is the subset construction of automata theory, carried out only as far as the texts
/// require.
///
/// Untrusted callers choose the grammar, and one thread follows the grammars of all answers. So the steps for each
/// token and the kept memory are counted, and a grammar that exceeds the limits is rejected. Memory that only
/// saves time is freed when there is too much of it ({@link #forgetAllBut}).
///
/// Not thread-safe.
final class ByteAutomaton {

    /// The state from which no text can match.
    static final int DEAD = -1;

    /// The maximum number of steps for one token. A processor does about a hundred steps in a microsecond.
    private static final int MAX_STEPS = 1 << 21;

    /// The cost of looking up a frame, in steps.
    private static final int STEPS_OF_LOOKUP = 8;

    /// The maximum memory while one token is processed, in words of four bytes: 16 MiB.
    private static final int MAX_WORDS = 1 << 22;

    /// The maximum memory that is kept from one token to the next, in words: 2 MiB.
    private static final int KEPT_WORDS = 1 << 19;

    /// The memory of a frame and of its entry in the map of numbers, in words.
    private static final int WORDS_OF_FRAME = 24;

    /// The memory of a state without its list of frames, in words.
    private static final int WORDS_OF_STATE = 24;

    private static final int UNKNOWN = -2;
    private static final int END = -1;

    private final Grammar grammar;
    private final Map<Frame, Integer> numbers = new HashMap<>();
    private final List<Frame> frames = new ArrayList<>();
    private final Map<IntBuffer, Integer> stateNumbers = new HashMap<>();
    private final List<int[]> states = new ArrayList<>();
    private final List<int[]> followers = new ArrayList<>();
    private final Reached reached = new Reached();
    private int steps;
    private int words;

    /// A frame of the stack: what is still to be matched.
    ///
    /// @param rule number of the rule
    /// @param done number of completed parts or repetitions
    /// @param next the frame below, which continues when this one is complete; {@link #END} if the text may
    ///     end then
    private record Frame(int rule, int done, int next) {}

    ByteAutomaton(Grammar grammar) {
        this.grammar = grammar;
    }

    /// The state of the empty text.
    int start() {
        reached.clear();
        reached.add(frame(grammar.start(), 0, END));
        return reached.state();
    }

    /// The state after one more byte.
    ///
    /// @param state a state other than {@link #DEAD}
    /// @param value the value, from 0 to 255
    /// @throws InputException if the grammar has too many alternatives here
    int next(int state, int value) {
        int kind = grammar.classes().of(value);
        int[] known = followersOf(state);
        if (known[kind] == UNKNOWN) {
            known[kind] = follow(states.get(state), value);
        }
        return known[kind];
    }

    private int[] followersOf(int state) {
        int[] known = followers.get(state);
        if (known.length == 0) {
            known = new int[grammar.classes().count()];
            Arrays.fill(known, UNKNOWN);
            followers.set(state, known);
            keep(known.length);
        }
        return known;
    }

    /// Whether the text may end in a state.
    boolean mayEnd(int state) {
        return states.get(state)[0] == END;
    }

    /// Whether the text must end in a state, because nothing can follow.
    boolean mustEnd(int state) {
        return mayEnd(state) && states.get(state).length == 1;
    }

    /// Resets the count of steps for the next token.
    void beginToken() {
        steps = 0;
    }

    /// Whether the kept memory exceeds its limit, so that frames and states that are not needed must be
    /// freed.
    boolean isFull() {
        return words > KEPT_WORDS;
    }

    /// Frees all states except one.
    ///
    /// @param state the state that the text has reached
    /// @return the state's new number
    /// @throws InputException if this state alone exceeds the limit
    int forgetAllBut(int state) {
        int kept = keepOnly(state);
        if (isFull()) {
            throw tooMany();
        }
        return kept;
    }

    private int keepOnly(int state) {
        int[] waiting = states.get(state);
        List<Frame> before = List.copyOf(frames);
        boolean[] needed = new boolean[before.size()];
        Arrays.stream(waiting).filter(number -> number != END).forEach(number -> needed[number] = true);
        for (int number = needed.length - 1; number >= 0; number--) {
            if (needed[number] && before.get(number).next() != END) {
                needed[before.get(number).next()] = true;
            }
        }
        numbers.clear();
        frames.clear();
        stateNumbers.clear();
        states.clear();
        followers.clear();
        reached.forget();
        words = 0;
        int[] renamed = new int[needed.length];
        for (int number = 0; number < needed.length; number++) {
            if (needed[number]) {
                Frame frame = before.get(number);
                renamed[number] = frame(frame.rule(), frame.done(), frame.next() == END ? END : renamed[frame.next()]);
            }
        }
        return number(Arrays.stream(waiting)
                .map(number -> number == END ? END : renamed[number])
                .toArray());
    }

    private int follow(int[] waiting, int value) {
        spend(waiting.length);
        reached.clear();
        for (int number : waiting) {
            if (number != END
                    && grammar.rules().get(frames.get(number).rule()) instanceof Rule.Terminal one
                    && one.bytes().contains(value)) {
                reached.add(frames.get(number).next());
            }
        }
        return reached.state();
    }

    private int frame(int rule, int done, int next) {
        spend(STEPS_OF_LOOKUP);
        return numbers.computeIfAbsent(new Frame(rule, done, next), added -> {
            keep(WORDS_OF_FRAME);
            frames.add(added);
            return frames.size() - 1;
        });
    }

    /// The number of a state.
    ///
    /// @param waiting the state's frames, ascending, with {@link #END} among them if the text may end
    private int number(int[] waiting) {
        return stateNumbers.computeIfAbsent(IntBuffer.wrap(waiting), _ -> {
            keep(WORDS_OF_STATE + waiting.length);
            states.add(waiting);
            followers.add(new int[0]);
            return states.size() - 1;
        });
    }

    private void spend(int more) {
        steps += more;
        if (steps > MAX_STEPS) {
            throw tooMany();
        }
    }

    private void keep(int more) {
        words += more;
        if (words > MAX_WORDS) {
            throw tooMany();
        }
    }

    private static InputException tooMany() {
        return new InputException(
                "the answer format is too ambiguous to enforce; use fewer repetitions and alternatives,"
                        + " or start each alternative with different characters");
    }

    /// The frames that can be reached without reading a byte. The arrays are reused between searches. The search
    /// is iterative, because thousands of optional parts can follow each other.
    private final class Reached {

        private int[] seenAt = new int[64];
        private int[] open = new int[64];
        private int[] waiting = new int[64];
        private int look;
        private int numOpen;
        private int numWaiting;
        private boolean mayEnd;

        void clear() {
            look++;
            numOpen = 0;
            numWaiting = 0;
            mayEnd = false;
        }

        /// Forgets what refers to frames by number, because the frames are renumbered.
        void forget() {
            seenAt = new int[64];
            look = 0;
        }

        void add(int number) {
            if (number == END) {
                mayEnd = true;
                return;
            }
            if (number >= seenAt.length) {
                seenAt = Arrays.copyOf(seenAt, Math.max(frames.size(), 2 * seenAt.length));
            }
            if (seenAt[number] == look) {
                return;
            }
            seenAt[number] = look;
            if (numOpen == open.length) {
                open = Arrays.copyOf(open, 2 * numOpen);
            }
            open[numOpen] = number;
            numOpen++;
        }

        /// The state that consists of all frames reached from the added ones.
        int state() {
            while (numOpen > 0) {
                numOpen--;
                goOn(open[numOpen]);
            }
            if (numWaiting == 0 && !mayEnd) {
                return DEAD;
            }
            if (mayEnd) {
                await(END);
            }
            int[] state = Arrays.copyOf(waiting, numWaiting);
            Arrays.sort(state);
            return number(state);
        }

        private void await(int number) {
            if (numWaiting == waiting.length) {
                waiting = Arrays.copyOf(waiting, 2 * numWaiting);
            }
            waiting[numWaiting] = number;
            numWaiting++;
        }

        private void goOn(int number) {
            Frame frame = frames.get(number);
            switch (grammar.rules().get(frame.rule())) {
                case Rule.Terminal _ -> await(number);
                case Rule.Concatenation inOrder -> addPart(frame, inOrder.parts());
                case Rule.Alternation oneOf -> oneOf.options().forEach(option -> add(frame(option, 0, frame.next())));
                case Rule.Repetition times -> addRepetition(frame, times);
            }
        }

        private void addPart(Frame frame, List<Integer> parts) {
            if (frame.done() == parts.size()) {
                add(frame.next());
                return;
            }
            // A finished frame is skipped. If it stayed, a rule that ends with itself would lengthen the chain
            // forever.
            boolean last = frame.done() + 1 == parts.size();
            int then = last ? frame.next() : frame(frame.rule(), frame.done() + 1, frame.next());
            add(frame(parts.get(frame.done()), 0, then));
        }

        private void addRepetition(Frame frame, Rule.Repetition times) {
            if (frame.done() >= times.least()) {
                add(frame.next());
            }
            if (frame.done() < times.most()) {
                // If the repetition is unbounded, counting stops at the minimum number.
                int done = times.most() == Grammar.UNBOUNDED
                        ? Math.min(frame.done() + 1, times.least())
                        : frame.done() + 1;
                add(frame(times.repeated(), 0, frame(frame.rule(), done, frame.next())));
            }
        }
    }
}
