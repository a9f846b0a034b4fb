/// Benchmarks, which do not run as tests. The module's tests contain the soak tests.
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
