/// Files written aside and renamed, bounded reading, and the one error a user can cause.
@org.jspecify.annotations.NullMarked
module dev.saiki.io {
    requires static transitive org.jspecify;

    exports dev.saiki.io;
}
