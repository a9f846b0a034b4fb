/// Assertions and fixtures of the tests of all modules.
@org.jspecify.annotations.NullMarked
module dev.saiki.testkit {
    requires static transitive org.jspecify;
    requires transitive dev.saiki.checkpoint;
    requires transitive dev.saiki.tensor;
    requires transitive org.assertj.core;
    requires transitive tools.jackson.databind;
    requires java.net.http;

    exports dev.saiki.testkit;
}
