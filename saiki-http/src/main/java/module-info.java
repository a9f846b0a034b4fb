/// HTTP for Saiki's servers: exchanges, bodies, errors, API keys, and the server itself.
@org.jspecify.annotations.NullMarked
module dev.saiki.http {
    requires static transitive org.jspecify;
    requires transitive dev.saiki.io;
    requires io.helidon.common.buffers;
    requires io.helidon.common.concurrency.limits;
    requires io.helidon.common.configurable;
    requires io.helidon.common.pki;
    requires io.helidon.common.socket;
    requires io.helidon.common.tls;
    requires io.helidon.webserver;
    requires jdk.net;
    requires org.slf4j;
    requires transitive tools.jackson.databind;

    exports dev.saiki.http;
    exports dev.saiki.http.key;
    exports dev.saiki.http.origin;
    exports dev.saiki.http.page;
    exports dev.saiki.http.server;
}
