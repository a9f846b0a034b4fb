package dev.saiki.eval.audit;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// A kind of small algorithmic problem whose difficulty is known.
///
/// All symbols are separate words, so that a tokenizer trained on the problems encodes each symbol as one token.
public enum ProbeTask {

    /// A chain of additions modulo ten, `sum 3 + 5 + 4 = 2`; the difficulty is the number of additions.
    SUM(6) {
        @Override
        ProbeProblem draw(int difficulty, SplittableRandom random) {
            List<Integer> terms = IntStream.rangeClosed(0, difficulty)
                    .mapToObj(_ -> random.nextInt(10))
                    .toList();
            int sum = terms.stream().mapToInt(Integer::intValue).sum() % 10;
            String chain = terms.stream().map(String::valueOf).collect(Collectors.joining(" + "));
            return problem(difficulty, chain, String.valueOf(sum));
        }
    },

    /// Arrows between letters to follow, `hops b > d a > b d > c ask a 2 = d`; the difficulty is the number of
    /// hops. The number of arrows is the same at every difficulty; their order is random.
    HOPS(4) {
        private static final int ARROWS = 6;

        @Override
        ProbeProblem draw(int difficulty, SplittableRandom random) {
            List<String> chain = letters(ARROWS + 1, random);
            List<String> arrows = new ArrayList<>();
            for (int i = 0; i < ARROWS; i++) {
                arrows.add(chain.get(i) + " > " + chain.get(i + 1));
            }
            shuffle(arrows, random);
            int start = random.nextInt(ARROWS + 1 - difficulty);
            String question = String.join(" ", arrows) + " ask " + chain.get(start) + " " + difficulty;
            return problem(difficulty, question, chain.get(start + difficulty));
        }
    },

    /// Balanced brackets, `brackets ( ( ) ) ( ) = 2`; the answer and the difficulty are the depth of nesting. All
    /// problems have the same length.
    BRACKETS(5) {
        private static final int PAIRS = 7;

        @Override
        ProbeProblem draw(int difficulty, SplittableRandom random) {
            while (true) {
                List<String> brackets = balanced(random);
                if (nesting(brackets) == difficulty) {
                    return problem(difficulty, String.join(" ", brackets), String.valueOf(difficulty));
                }
            }
        }

        // Draws a random walk that never falls below zero and ends at zero.
        private static List<String> balanced(SplittableRandom random) {
            List<String> brackets = new ArrayList<>();
            int open = 0;
            for (int left = 2 * PAIRS; left > 0; left--) {
                boolean opens = open == 0 || (open < left && random.nextBoolean());
                brackets.add(opens ? "(" : ")");
                open += opens ? 1 : -1;
            }
            return brackets;
        }

        private static int nesting(List<String> brackets) {
            int open = 0;
            int deepest = 0;
            for (String bracket : brackets) {
                open += bracket.equals("(") ? 1 : -1;
                deepest = Math.max(deepest, open);
            }
            return deepest;
        }
    },

    /// Letters to reverse, `reverse a c b = b c a`; the difficulty is the number of letters.
    REVERSE(6) {
        @Override
        ProbeProblem draw(int difficulty, SplittableRandom random) {
            List<String> letters = letters(difficulty, random);
            Deque<String> backwards = new ArrayDeque<>();
            letters.forEach(backwards::push);
            return problem(difficulty, String.join(" ", letters), String.join(" ", backwards));
        }
    };

    private static final int ALPHABET = 16;

    private final int hardest;

    ProbeTask(int hardest) {
        this.hardest = hardest;
    }

    /// Draws a problem.
    ///
    /// @param difficulty the difficulty, from 1 to {@link #hardest}
    /// @param random source of random numbers
    abstract ProbeProblem draw(int difficulty, SplittableRandom random);

    /// Returns the greatest difficulty.
    ///
    /// @return the greatest difficulty, at least 2
    public int hardest() {
        return hardest;
    }

    /// Returns the first word of this kind's problems.
    ///
    /// @return the name in lower case
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    ProbeProblem problem(int difficulty, String question, String answer) {
        return new ProbeProblem(word(), difficulty, word() + " " + question + " =", " " + answer);
    }

    private static List<String> letters(int count, SplittableRandom random) {
        List<String> letters = IntStream.range(0, ALPHABET)
                .mapToObj(i -> String.valueOf((char) ('a' + i)))
                .collect(Collectors.toCollection(ArrayList::new));
        shuffle(letters, random);
        return letters.subList(0, count);
    }

    private static void shuffle(List<String> list, SplittableRandom random) {
        for (int i = list.size() - 1; i > 0; i--) {
            Collections.swap(list, i, random.nextInt(i + 1));
        }
    }
}
