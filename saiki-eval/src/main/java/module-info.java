/// Scoring, benchmarks, decoding for reference, the pilot and its report.
@org.jspecify.annotations.NullMarked
module dev.saiki.eval {
    requires static transitive org.jspecify;
    requires transitive dev.saiki.train;
    requires transitive dev.saiki.engine;
    requires transitive tools.jackson.databind;
    requires org.apache.commons.rng.core;
    requires org.slf4j;

    exports dev.saiki.eval;
    exports dev.saiki.eval.audit;
    exports dev.saiki.eval.pilot;
    exports dev.saiki.eval.report;
    exports dev.saiki.eval.tasks;
}
