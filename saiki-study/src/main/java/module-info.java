/// Studies: many trainings and evaluations from one plan, their results and statistics, and the pilot.
@org.jspecify.annotations.NullMarked
module dev.saiki.study {
    requires static transitive org.jspecify;
    requires transitive dev.saiki.eval;
    requires transitive dev.saiki.train;
    requires hipparchus.core;
    requires hipparchus.optim;

    exports dev.saiki.study;
    exports dev.saiki.study.pilot;
    exports dev.saiki.study.plan;
    exports dev.saiki.study.results;
    exports dev.saiki.study.statistics;
}
