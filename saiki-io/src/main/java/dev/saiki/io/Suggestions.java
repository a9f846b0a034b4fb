package dev.saiki.io;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/// Known names that a mistyped one may have meant.
public final class Suggestions {

    private static final int MOST = 3;

    private Suggestions() {}

    /// Finds up to three known names within a third of the length of what was typed, nearest first.
    ///
    /// @param typed what the user wrote
    /// @param known every name that would have been accepted
    /// @return the likely ones; empty if none is near
    public static List<String> closest(String typed, Collection<String> known) {
        int reach = Math.max(2, typed.length() / 3);
        return known.stream()
                .filter(name -> distance(typed, name) <= reach)
                .sorted(Comparator.<String>comparingInt(name -> distance(typed, name))
                        .thenComparing(Comparator.naturalOrder()))
                .limit(MOST)
                .toList();
    }

    /// Writes {@link #closest} as the end of an error message.
    ///
    /// @param typed what the user wrote
    /// @param known every name that would have been accepted
    /// @return `; did you mean a, b?`, or the list of all that is known if nothing is near
    public static String hint(String typed, Collection<String> known) {
        List<String> closest = closest(typed, known);
        return closest.isEmpty()
                ? "; known are " + String.join(", ", known.stream().sorted().toList())
                : "; did you mean " + String.join(", ", closest) + "?";
    }

    /// The Levenshtein distance, ignoring case.
    private static int distance(String first, String second) {
        String a = first.toLowerCase(Locale.ROOT);
        String b = second.toLowerCase(Locale.ROOT);
        int[] previous = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            previous[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int[] current = new int[b.length() + 1];
            current[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int substitution = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                current[j] = Math.min(substitution, 1 + Math.min(previous[j], current[j - 1]));
            }
            previous = current;
        }
        return previous[b.length()];
    }
}
