/// Benchmarks, which are not part of a test run, and, among the tests, soak tests.
@org.jspecify.annotations.NullMarked
module dev.saiki.benchmarks {
    requires static transitive org.jspecify;
    requires dev.saiki.train;
    requires dev.saiki.engine;
    requires tools.jackson.databind;

    // For the soak tests.
    requires dev.saiki.cli;
    requires dev.saiki.eval;
    requires dev.saiki.server;
    requires HdrHistogram;
    requires java.net.http;
    requires java.sql;
}
