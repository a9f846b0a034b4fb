/// Sequential tests and confidence bounds, without I/O; shared by the model server and the gateway.
@org.jspecify.annotations.NullMarked
module dev.saiki.evidence {
    requires static transitive org.jspecify;
    requires tools.jackson.databind;

    exports dev.saiki.evidence;

    opens dev.saiki.evidence to
            tools.jackson.databind;
}
