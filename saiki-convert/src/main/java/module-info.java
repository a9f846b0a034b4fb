/// Import from and export to other tools' model formats: Hugging Face folders, GGUF.
@org.jspecify.annotations.NullMarked
module dev.saiki.convert {
    requires static transitive org.jspecify;
    requires transitive dev.saiki.checkpoint;
    requires dev.saiki.text;

    exports dev.saiki.convert;
}
