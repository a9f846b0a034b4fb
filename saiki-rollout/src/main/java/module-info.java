/// A gateway that moves traffic from one model to another, step by step, on evidence.
@org.jspecify.annotations.NullMarked
module dev.saiki.rollout {
    requires static transitive org.jspecify;
    requires transitive dev.saiki.evidence;
    requires transitive dev.saiki.http;
    requires java.net.http;
    requires micrometer.core;
    requires micrometer.registry.prometheus;
    requires com.networknt.schema;
    requires org.apache.httpcomponents.core5.httpcore5;
    requires org.slf4j;

    exports dev.saiki.rollout;
    exports dev.saiki.rollout.check;
    exports dev.saiki.rollout.pair;
    exports dev.saiki.rollout.plan;
    exports dev.saiki.rollout.router;
}
