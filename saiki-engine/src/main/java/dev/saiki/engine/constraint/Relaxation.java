package dev.saiki.engine.constraint;

import dev.saiki.io.InputException;
import java.util.SortedSet;
import java.util.TreeSet;

/// The treatment of keywords of a schema that cannot bind a text: the schema is refused by their names, or goes
/// without them and they are remembered.
final class Relaxation {

    private final boolean strict;
    private final SortedSet<String> keywords;

    private Relaxation(boolean strict, SortedSet<String> keywords) {
        this.strict = strict;
        this.keywords = keywords;
    }

    /// One that leaves nothing out yet.
    ///
    /// @param strict whether it refuses instead
    static Relaxation of(boolean strict) {
        return new Relaxation(strict, new TreeSet<>());
    }

    /// The same memory, for another schema of the same text.
    Relaxation with(boolean otherStrict) {
        return new Relaxation(otherStrict, keywords);
    }

    /// Goes on without a keyword.
    ///
    /// @param where its place
    /// @param keyword what cannot bind
    /// @param why what is the matter with it
    /// @throws InputException if all must bind
    void leaveOut(String where, String keyword, String why) {
        if (strict) {
            throw new InputException(where + ": " + keyword + " " + why);
        }
        keywords.add(keyword);
    }

    /// What was left out.
    SortedSet<String> keywords() {
        return keywords;
    }
}
