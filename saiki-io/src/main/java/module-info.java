/// Files written aside and renamed, bounded reading, the one error a user can cause, and the colours of depths.
@org.jspecify.annotations.NullMarked
module dev.saiki.io {
    requires static transitive org.jspecify;

    exports dev.saiki.io;
    exports dev.saiki.io.storage;
    exports dev.saiki.io.display;

    uses dev.saiki.io.storage.ObjectStoreProvider;
}
