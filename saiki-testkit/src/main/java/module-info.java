/// Test assertions and fixtures shared by all modules.
@org.jspecify.annotations.NullMarked
module dev.saiki.testkit {
    requires static transitive org.jspecify;
    requires transitive dev.saiki.checkpoint;
    requires transitive dev.saiki.tensor;
    requires transitive org.assertj.core;
    requires transitive tools.jackson.databind;
    requires transitive org.junit.jupiter.api;
    requires org.junit.platform.commons;
    requires java.net.http;

    exports dev.saiki.testkit;

    provides org.junit.jupiter.api.extension.Extension with
            dev.saiki.testkit.ProcessCleanup;
}
