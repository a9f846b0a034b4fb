/// Byte-level BPE tokenizers, corpus readers, token shards, and a batch loader whose position can be saved.
@org.jspecify.annotations.NullMarked
@SuppressWarnings("module") // The engine is built after this module.
module dev.saiki.text {
    requires static transitive org.jspecify;
    requires transitive dev.saiki.io;
    requires com.github.luben.zstd_jni;
    requires dev.hardwood.core;
    // Only command lines that use the options of cleaning need it.
    requires static info.picocli;
    requires org.apache.opennlp.tools;
    requires transitive tools.jackson.databind;

    exports dev.saiki.text.chat;
    exports dev.saiki.text.cleaning;
    exports dev.saiki.text.corpus;
    exports dev.saiki.text.dataset;
    exports dev.saiki.text.problem;
    exports dev.saiki.text.template;
    exports dev.saiki.text.tokenizer;
    exports dev.saiki.text.hash to
            dev.saiki.engine;

    // Picocli fills the annotated fields of the options by reflection.
    opens dev.saiki.text.cleaning to
            info.picocli;
}
