/// An OpenAI-compatible HTTP API in front of the engine.
@org.jspecify.annotations.NullMarked
module dev.saiki.server {
    requires static transitive org.jspecify;
    requires transitive dev.saiki.engine;
    requires io.helidon.common.buffers;
    requires io.helidon.common.concurrency.limits;
    requires io.helidon.common.socket;
    requires io.helidon.webserver;
    requires jdk.net;
    requires micrometer.core;
    requires micrometer.registry.prometheus;
    requires tools.jackson.databind;
    requires org.slf4j;

    exports dev.saiki.server;
    exports dev.saiki.server.settings;
}
