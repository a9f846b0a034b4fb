/// Atomic writes, object storage, the exception for user errors, YAML sections, SQL statements, and the colours of
/// depths.
@org.jspecify.annotations.NullMarked
module dev.saiki.io {
    requires static transitive org.jspecify;
    requires transitive java.sql;
    requires transitive tools.jackson.databind;
    requires tools.jackson.dataformat.yaml;

    exports dev.saiki.io;
    exports dev.saiki.io.sql;
    exports dev.saiki.io.storage;
    exports dev.saiki.io.display;
    exports dev.saiki.io.yaml;

    uses dev.saiki.io.storage.ObjectStoreProvider;
}
