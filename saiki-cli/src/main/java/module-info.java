/// The saiki command.
@org.jspecify.annotations.NullMarked
module dev.saiki.cli {
    requires static transitive org.jspecify;
    requires dev.saiki.eval;
    requires tools.jackson.databind;
    requires info.picocli;
    requires progressbar;
    requires org.slf4j;
}
