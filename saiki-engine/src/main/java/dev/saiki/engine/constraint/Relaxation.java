package dev.saiki.engine.constraint;

import dev.saiki.io.InputException;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Pattern;

/// The policy for keywords of a schema that cannot be enforced: refused, or left out and reported.
final class Relaxation {

    /// Keywords as people write them; a stranger may write anything, and as much as a request holds.
    private static final Pattern USUAL = Pattern.compile("[$A-Za-z][A-Za-z0-9_-]{0,40}");

    private static final int MOST_NAMED = 20;
    private static final String OTHERS = "others";

    /// Most keywords of one form that are left out only after they were tried.
    private static final int MOST_TRIED = 16;

    private final boolean strict;
    private final Memory memory;

    /// The keywords that all schemas of one text left out.
    private static final class Memory {
        private final SortedSet<String> keywords = new TreeSet<>();
        private int tried;
    }

    private Relaxation(boolean strict, Memory memory) {
        this.strict = strict;
        this.memory = memory;
    }

    /// One that leaves nothing out yet.
    ///
    /// @param strict whether it refuses instead
    static Relaxation of(boolean strict) {
        return new Relaxation(strict, new Memory());
    }

    /// The same memory, for another schema of the same text.
    Relaxation with(boolean otherStrict) {
        return new Relaxation(otherStrict, memory);
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
        boolean isNamed = USUAL.matcher(keyword).matches() && memory.keywords.size() < MOST_NAMED;
        memory.keywords.add(isNamed ? keyword : OTHERS);
    }

    /// Goes on without a keyword that could not be followed, which took work to find out.
    ///
    /// @param where its place
    /// @param keyword what cannot bind
    /// @param why what is the matter with it
    /// @throws InputException if all must bind, or too many were tried
    void leaveOutTried(String where, String keyword, String why) {
        leaveOut(where, keyword, why);
        memory.tried++;
        if (memory.tried > MOST_TRIED) {
            throw new InputException(where + ": " + keyword + " " + why + ", as others of this schema; ask for less");
        }
    }

    /// The keywords that were left out; `others` stands for those with unusual names, and for all beyond twenty.
    SortedSet<String> keywords() {
        return memory.keywords;
    }
}
