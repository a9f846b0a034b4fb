/// Scoring of texts, benchmarks, trade-offs of quality and compute, and audits of routers.
@org.jspecify.annotations.NullMarked
module dev.saiki.eval {
    requires static transitive org.jspecify;
    requires transitive dev.saiki.model;
    requires transitive dev.saiki.engine;
    requires transitive tools.jackson.databind;
    requires java.net.http;
    requires org.apache.commons.rng.core;
    requires hipparchus.core;

    exports dev.saiki.eval;
    exports dev.saiki.eval.audit;
    exports dev.saiki.eval.calibration;
    exports dev.saiki.eval.certificate;
    exports dev.saiki.eval.chat;
    exports dev.saiki.eval.consistency;
    exports dev.saiki.eval.format;
    exports dev.saiki.eval.problem;
    exports dev.saiki.eval.tasks;
    exports dev.saiki.eval.tradeoff;
    exports dev.saiki.eval.verify;
    exports dev.saiki.eval.weights;
}
