/// An OpenAI-compatible HTTP API in front of the engine.
@org.jspecify.annotations.NullMarked
module dev.saiki.server {
    requires static transitive org.jspecify;
    requires transitive dev.saiki.chat;
    requires transitive dev.saiki.engine;
    requires dev.saiki.evidence;
    requires transitive dev.saiki.http;
    requires HdrHistogram;
    requires com.zaxxer.hikari;
    requires io.github.bucket4j.core;
    requires io.github.bucket4j.postgresql;
    requires io.opentelemetry.api;
    requires io.opentelemetry.context;
    requires io.opentelemetry.exporter.otlp;
    requires io.opentelemetry.sdk.common;
    requires io.opentelemetry.sdk.trace;
    requires java.management;
    // For the events of the garbage collector, to which Micrometer subscribes.
    requires jdk.management;
    requires micrometer.core;
    requires micrometer.registry.prometheus;
    requires transitive tools.jackson.databind;
    requires org.slf4j;

    exports dev.saiki.server;
    exports dev.saiki.server.audit;
    exports dev.saiki.server.settings;

    // Jackson serializes records by reflection.
    opens dev.saiki.server.audit to
            tools.jackson.databind;
}
