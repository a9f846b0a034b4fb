/// Benchmarks and soak tests, which are not part of a test run.
@org.jspecify.annotations.NullMarked
module dev.saiki.benchmarks {
    requires static transitive org.jspecify;
    requires dev.saiki.train;
    requires dev.saiki.engine;
    requires dev.saiki.cli;
    requires dev.saiki.eval;
    requires dev.saiki.server;
    requires HdrHistogram;
    requires java.net.http;
    requires java.sql;
    requires jdk.httpserver;
    requires tools.jackson.databind;
}
