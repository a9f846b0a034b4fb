package dev.saiki.engine.constraint;

import dev.saiki.io.InputException;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Pattern;

/// The policy for schema keywords that cannot be enforced: either they are rejected, or they are ignored and
/// reported.
record Relaxation(boolean strict, Memory memory) {

    /// The usual form of keywords. Other keywords are not reported by name, because an untrusted caller may send
    /// any string, up to the size of a request.
    private static final Pattern USUAL = Pattern.compile("[$A-Za-z][A-Za-z0-9_-]{0,40}");

    private static final int MAX_NAMED = 20;
    private static final String OTHERS = "others";

    /// The maximum number of keywords of one {@link TextConstraint} that may be ignored after a costly attempt to
    /// enforce them.
    private static final int MAX_TRIED = 16;

    /// The ignored keywords of all schemas of one {@link TextConstraint}.
    private static final class Memory {
        private final SortedSet<String> keywords = new TreeSet<>();
        private int tried;
    }

    /// Makes a policy under which nothing has been ignored yet.
    ///
    /// @param strict whether keywords that cannot be enforced are rejected rather than ignored
    static Relaxation of(boolean strict) {
        return new Relaxation(strict, new Memory());
    }

    /// Makes the policy for another schema of the same {@link TextConstraint}; both policies add to one record of
    /// ignored keywords.
    Relaxation with(boolean otherStrict) {
        return new Relaxation(otherStrict, memory);
    }

    /// Ignores a keyword.
    ///
    /// @param where place of the keyword
    /// @param keyword the keyword that cannot be enforced
    /// @param why reason why the keyword cannot be enforced
    /// @throws InputException if all keywords must be enforced
    void ignore(String where, String keyword, String why) {
        if (strict) {
            throw new InputException(where + ": " + keyword + " " + why);
        }
        boolean isNamed = USUAL.matcher(keyword).matches() && memory.keywords.size() < MAX_NAMED;
        memory.keywords.add(isNamed ? keyword : OTHERS);
    }

    /// Ignores a keyword after a costly attempt to enforce it.
    ///
    /// @param where place of the keyword
    /// @param keyword the keyword that cannot be enforced
    /// @param why reason why the keyword cannot be enforced
    /// @throws InputException if all keywords must be enforced, or if too many attempts were made
    void ignoreAfterAttempt(String where, String keyword, String why) {
        ignore(where, keyword, why);
        memory.tried++;
        if (memory.tried > MAX_TRIED) {
            throw new InputException(where + ": " + keyword + " " + why
                    + ", like other keywords of this schema; use fewer such keywords");
        }
    }

    /// Returns the ignored keywords; `others` stands for keywords with unusual names, and for all keywords
    /// after the first twenty.
    List<String> keywords() {
        return List.copyOf(memory.keywords);
    }
}
