/// The saiki command.
@org.jspecify.annotations.NullMarked
module dev.saiki.cli {
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

    // Picocli fills the annotated fields of the commands by reflection.
    opens dev.saiki.cli to
            info.picocli;
    opens dev.saiki.cli.audit to
            info.picocli;
    opens dev.saiki.cli.certificate to
            info.picocli;
    opens dev.saiki.cli.bench to
            info.picocli;
    opens dev.saiki.cli.chat to
            info.picocli;
    opens dev.saiki.cli.demo to
            info.picocli;
    opens dev.saiki.cli.evaluation to
            info.picocli;
    opens dev.saiki.cli.model to
            info.picocli;
    opens dev.saiki.cli.rollout to
            info.picocli;
    opens dev.saiki.cli.serving to
            info.picocli;
    opens dev.saiki.cli.terminal to
            info.picocli;
    opens dev.saiki.cli.study to
            info.picocli;
    opens dev.saiki.cli.training to
            info.picocli;
}
