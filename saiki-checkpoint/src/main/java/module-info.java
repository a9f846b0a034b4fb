/// Stored models: configuration, tensors in safetensors format, manifest, and the cost of a model.
@org.jspecify.annotations.NullMarked
module dev.saiki.checkpoint {
    requires static transitive org.jspecify;
    requires transitive dev.saiki.io;
    requires transitive tools.jackson.databind;

    exports dev.saiki.checkpoint;
    exports dev.saiki.checkpoint.accounting;
    exports dev.saiki.checkpoint.adapter;
    exports dev.saiki.checkpoint.config;
    exports dev.saiki.checkpoint.provenance;
    exports dev.saiki.checkpoint.safetensors;
}
