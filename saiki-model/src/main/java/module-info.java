/// The trainable recursive transformer: weight sharing, routing, attention.
@org.jspecify.annotations.NullMarked
module dev.saiki.model {
    requires static transitive org.jspecify;
    requires transitive dev.saiki.checkpoint;
    requires transitive dev.saiki.tensor;

    exports dev.saiki.model;
    exports dev.saiki.model.routing;
    exports dev.saiki.model.shrink;
}
