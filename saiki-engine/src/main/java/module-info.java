/// The engine for inference, which does not need LibTorch: decoding with the router, depth-aware key-value pages,
/// and batches of tokens at different depths.
@org.jspecify.annotations.NullMarked
@SuppressWarnings("module") // The benchmarks are built after this module.
module dev.saiki.engine {
    requires static transitive org.jspecify;
    requires transitive dev.saiki.io;
    requires transitive dev.saiki.checkpoint;
    requires transitive dev.saiki.text;
    requires jdk.incubator.vector;
    requires org.apache.lucene.core;

    exports dev.saiki.engine;
    exports dev.saiki.engine.constraint;
    exports dev.saiki.engine.sampling;
    exports dev.saiki.engine.settings;
    exports dev.saiki.engine.kernel to
            dev.saiki.benchmarks;
}
