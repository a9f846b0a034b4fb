/// Byte-level BPE, corpus readers, token shards, a loader whose position can be saved.
@org.jspecify.annotations.NullMarked
module dev.saiki.text {
    requires static transitive org.jspecify;
    requires transitive dev.saiki.io;
    requires tools.jackson.databind;

    exports dev.saiki.text;
}
