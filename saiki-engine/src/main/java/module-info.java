/// Inference without LibTorch; for now the samplers.
@org.jspecify.annotations.NullMarked
module dev.saiki.engine {
    requires static transitive org.jspecify;
    requires transitive dev.saiki.io;

    exports dev.saiki.engine;
}
