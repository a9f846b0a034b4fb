/// Speed measurements; not part of a test run.
@org.jspecify.annotations.NullMarked
module dev.saiki.benchmarks {
    requires static transitive org.jspecify;
    requires dev.saiki.train;
    requires dev.saiki.engine;
    requires dev.saiki.eval;
    requires tools.jackson.databind;
}
