package dev.saiki.text.problem;

import dev.saiki.io.InputException;
import java.util.List;
import java.util.Locale;

/// The settings of a set of problems.
///
/// @param families the families, drawn evenly, at least one
/// @param form the form of the problems
/// @param names the names that sentences use
/// @param easiest the least difficulty, from 1
/// @param hardest the greatest difficulty to train on
/// @param longest the greatest difficulty to evaluate, at least the hardest to train on
/// @param documents the number of training documents
/// @param characters the length at which a document of problems alone ends
/// @param perLevel the number of problems to evaluate for each difficulty
/// @param seed the seed of the problems
public record ProblemOptions(
        List<ProblemFamily> families,
        ProblemForm form,
        List<String> names,
        int easiest,
        int hardest,
        int longest,
        int documents,
        int characters,
        int perLevel,
        long seed) {

    /// First names for sentences.
    public static final List<String> NAMES = List.of(
            "Ann", "Ben", "Cara", "Dan", "Eve", "Finn", "Gus", "Hana", "Ian", "Jo", "Kim", "Leo", "Mia", "Ned", "Oda",
            "Pat", "Quin", "Ray", "Sue", "Tom", "Uma", "Vic", "Wes", "Xia", "Yan", "Zoe");

    /// Checks the ranges and keeps its own copies.
    ///
    /// @throws InputException if a range is empty or a family has no such difficulty, or there are too few names
    public ProblemOptions {
        families = List.copyOf(families);
        names = names.stream().distinct().toList();
        InputException.require(
                easiest >= 1 && hardest >= easiest && longest >= hardest,
                "problems",
                "the difficulties",
                "in ascending order from 1: the easiest, the hardest, the longest",
                easiest + ", " + hardest + ", " + longest);
        for (ProblemFamily family : families) {
            InputException.require(
                    longest <= family.hardest(),
                    "problems",
                    "the longest difficulty of " + family.name().toLowerCase(Locale.ROOT),
                    "at most " + family.hardest(),
                    longest);
        }
        if (names.size() < ProblemFamily.NAMES) {
            throw InputException.of(
                    "problems", "names", "at least " + ProblemFamily.NAMES + " different ones", names.size());
        }
    }
}
