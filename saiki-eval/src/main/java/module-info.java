/// Scoring, benchmarks, decoding for reference, pilots, studies, audits of routers, and reports.
@org.jspecify.annotations.NullMarked
module dev.saiki.eval {
    requires static transitive org.jspecify;
    requires transitive dev.saiki.train;
    requires transitive dev.saiki.engine;
    requires transitive tools.jackson.databind;
    requires hipparchus.core;
    requires hipparchus.optim;
    requires org.apache.commons.rng.core;
    requires org.slf4j;

    exports dev.saiki.eval;
    exports dev.saiki.eval.audit;
    exports dev.saiki.eval.findings;
    exports dev.saiki.eval.pilot;
    exports dev.saiki.eval.report;
    exports dev.saiki.eval.study;
    exports dev.saiki.eval.tasks;
    exports dev.saiki.eval.tradeoff;
}
