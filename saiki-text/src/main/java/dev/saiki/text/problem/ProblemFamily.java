package dev.saiki.text.problem;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// A family of problems whose difficulty is the number of steps that depend on one another.
///
/// Symbols are separate words. Each problem begins with what it needs, so that several can follow one another.
public enum ProblemFamily {

    /// A ball under one of five cups, which change places: `a AB BD ? d`. The difficulty is the number of moves.
    BALL(32) {
        @Override
        void write(Problem problem, int difficulty, SplittableRandom random) {
            int at = random.nextInt(CUPS);
            problem.say(letter(at), "The ball is under cup " + letter(at) + ".");
            for (int move = 0; move < difficulty; move++) {
                int one = random.nextInt(CUPS);
                int other = (one + 1 + random.nextInt(CUPS - 1)) % CUPS;
                String first = letter(Math.min(one, other));
                String second = letter(Math.max(one, other));
                problem.say((first + second).toUpperCase(Locale.ROOT), "Swap " + first + " and " + second + ".");
                at = at == one ? other : at == other ? one : at;
            }
            problem.say("?", "Where is the ball? Under cup");
            problem.answer(letter(at), letter(at), difficulty);
        }
    },

    /// A row of three things that is reordered again and again: `abc 213 132 ? bca`. The difficulty is the number
    /// of times.
    ROW3(32) {
        @Override
        void write(Problem problem, int difficulty, SplittableRandom random) {
            writeRow(problem, 3, difficulty, random);
        }
    },

    /// The same with five things: the group of their orders is not solvable.
    ROW5(32) {
        @Override
        void write(Problem problem, int difficulty, SplittableRandom random) {
            writeRow(problem, 5, difficulty, random);
        }
    },

    /// Four interleaved chains of names, each an alias of the one before it: `k = 3 m = 7 b = k ... ? b 3`. The
    /// difficulty is the length of the chain, which the problem does not state.
    ALIAS(20) {
        @Override
        void write(Problem problem, int difficulty, SplittableRandom random) {
            writeTrails(problem, difficulty, random);
        }
    },

    /// Who reports to whom, in random order, and questions for the n-th superior: `c > a a > f ... ? 2 c f`. The
    /// difficulty is announced: it is the number in the question.
    MANAGER(20) {
        @Override
        void write(Problem problem, int difficulty, SplittableRandom random) {
            writeManagers(problem, difficulty, random);
        }
    },

    /// Nested sums and differences modulo ten: `( ( 3 + 4 ) - 9 ) = 8`. The difficulty is the depth of nesting.
    EXPRESSION(12) {
        @Override
        void write(Problem problem, int difficulty, SplittableRandom random) {
            List<String> words = new ArrayList<>();
            int value = nested(words, difficulty, random);
            String expression = String.join(" ", words);
            problem.say(expression, "Counted modulo ten, " + expression);
            problem.say("=", "is");
            problem.answer(String.valueOf(value), String.valueOf(value), difficulty);
        }
    };

    /// The number of names that a problem may use.
    static final int NAMES = 26;

    private static final int CUPS = 5;
    private static final int TRAILS = 4;
    private static final int STAFF = 8;
    private static final int QUESTIONS = 3;

    private final int hardest;

    ProblemFamily(int hardest) {
        this.hardest = hardest;
    }

    /// Returns the greatest difficulty.
    ///
    /// @return at least 2
    public int hardest() {
        return hardest;
    }

    /// Writes a problem of a difficulty.
    abstract void write(Problem problem, int difficulty, SplittableRandom random);

    private static void writeRow(Problem problem, int things, int difficulty, SplittableRandom random) {
        List<String> row = letters(things);
        problem.say(String.join("", row), "The row is " + String.join("", row) + ".");
        for (int move = 0; move < difficulty; move++) {
            List<Integer> order = shuffled(things, random);
            String named =
                    order.stream().map(place -> String.valueOf(place + 1)).collect(Collectors.joining());
            problem.say(named, "Take the order " + named + ".");
            row = order.stream().map(row::get).toList();
        }
        String last = String.join("", row);
        problem.say("?", "Now the row is");
        problem.answer(last, last, difficulty);
    }

    private static void writeTrails(Problem problem, int difficulty, SplittableRandom random) {
        List<Integer> lengths = new ArrayList<>(List.of(difficulty));
        while (lengths.size() < TRAILS) {
            int most = Math.max(1, Math.min(difficulty, (NAMES - difficulty) / (TRAILS - 1)));
            lengths.add(1 + random.nextInt(most));
        }
        int[] roots = new int[TRAILS];
        List<Integer> turns = new ArrayList<>();
        List<List<Integer>> told = new ArrayList<>();
        for (int trail = 0; trail < TRAILS; trail++) {
            turns.addAll(Collections.nCopies(lengths.get(trail), trail));
            roots[trail] = random.nextInt(10);
            told.add(new ArrayList<>());
        }
        shuffle(turns, random);
        for (int trail : turns) {
            int name = problem.newName();
            List<Integer> before = told.get(trail);
            String root = String.valueOf(roots[trail]);
            String symbol = before.isEmpty() ? root : letter(before.getLast());
            String where =
                    before.isEmpty() ? " moves into room " + root : " moves in with " + problem.name(before.getLast());
            problem.say(letter(name) + " = " + symbol, problem.name(name) + where + ".");
            before.add(name);
        }
        askTrails(problem, told, roots, random);
    }

    /// Asks for the last name of the first trail and for others of any trail, so that no answer follows from the rest.
    private static void askTrails(Problem problem, List<List<Integer>> told, int[] roots, SplittableRandom random) {
        List<int[]> others = new ArrayList<>();
        for (int trail = 0; trail < TRAILS; trail++) {
            for (int place = 0; place < told.get(trail).size(); place++) {
                others.add(new int[] {trail, place});
            }
        }
        int[] hardest = others.remove(told.getFirst().size() - 1);
        shuffle(others, random);
        List<int[]> asked = new ArrayList<>(others.subList(0, QUESTIONS - 1));
        asked.add(random.nextInt(QUESTIONS), hardest);
        for (int[] question : asked) {
            int name = told.get(question[0]).get(question[1]);
            String root = String.valueOf(roots[question[0]]);
            problem.say("? " + letter(name), problem.name(name) + " lives in room");
            problem.answer(root, root, question[1] + 1);
        }
    }

    private static void writeManagers(Problem problem, int difficulty, SplittableRandom random) {
        int staff = Math.max(STAFF, difficulty + 1);
        List<Integer> chain = Stream.generate(problem::newName).limit(staff).toList();
        for (int place : shuffled(staff - 1, random)) {
            int from = chain.get(place);
            int to = chain.get(place + 1);
            problem.say(
                    letter(from) + " > " + letter(to), problem.name(from) + " reports to " + problem.name(to) + ".");
        }
        for (int question = 0; question < QUESTIONS; question++) {
            int steps = question == 0 ? difficulty : 1 + random.nextInt(difficulty);
            int from = random.nextInt(staff - steps);
            int asked = chain.get(from);
            int found = chain.get(from + steps);
            problem.say("? " + steps + " " + letter(asked), "Superior " + steps + " of " + problem.name(asked) + " is");
            problem.answer(letter(found), problem.name(found), steps);
        }
    }

    /// Writes an expression of a depth of nesting and returns its value modulo ten.
    private static int nested(List<String> words, int depth, SplittableRandom random) {
        if (depth == 0) {
            int digit = random.nextInt(10);
            words.add(String.valueOf(digit));
            return digit;
        }
        int other = random.nextInt(3) == 0 ? Math.min(1, depth - 1) : 0;
        boolean deepFirst = random.nextBoolean();
        boolean sum = random.nextBoolean();
        words.add("(");
        int left = nested(words, deepFirst ? depth - 1 : other, random);
        words.add(sum ? "+" : "-");
        int right = nested(words, deepFirst ? other : depth - 1, random);
        words.add(")");
        return Math.floorMod(sum ? left + right : left - right, 10);
    }

    private static String letter(int number) {
        return String.valueOf((char) ('a' + number));
    }

    private static List<String> letters(int count) {
        return IntStream.range(0, count).mapToObj(ProblemFamily::letter).toList();
    }

    private static List<Integer> shuffled(int count, SplittableRandom random) {
        List<Integer> numbers =
                new ArrayList<>(IntStream.range(0, count).boxed().toList());
        shuffle(numbers, random);
        return numbers;
    }

    static void shuffle(List<?> list, SplittableRandom random) {
        for (int i = list.size() - 1; i > 0; i--) {
            Collections.swap(list, i, random.nextInt(i + 1));
        }
    }
}
