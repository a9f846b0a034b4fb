/// The saiki command. It is open, because picocli fills the annotated fields of all commands by reflection.
@org.jspecify.annotations.NullMarked
open module dev.saiki.cli {
    requires static transitive org.jspecify;
    requires dev.saiki.convert;
    requires dev.saiki.eval;
    requires dev.saiki.study;
    requires dev.saiki.report;
    requires dev.saiki.rollout;
    requires transitive dev.saiki.engine;
    requires dev.saiki.server;
    requires HdrHistogram;
    requires java.management;
    requires java.net.http;
    requires jdk.management;
    requires jdk.unsupported;
    requires tools.jackson.databind;
    requires transitive info.picocli;
    requires me.tongfei.progressbar;
    requires org.jline.reader;
    requires org.jline.terminal;
    requires org.slf4j;

    exports dev.saiki.cli;
    // Other modules also measure servers with these load generators.
    exports dev.saiki.cli.load;
}
