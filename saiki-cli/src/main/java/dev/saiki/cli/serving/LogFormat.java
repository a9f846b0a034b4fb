package dev.saiki.cli.serving;

/// The format of a server's log.
enum LogFormat {
    /// A line for people.
    PLAIN("logback.xml"),
    /// One JSON object a line, with the time, the thread and the request's id.
    JSON("logback-json.xml");

    private final String configuration;

    LogFormat(String configuration) {
        this.configuration = configuration;
    }

    /// Chooses the format. Has an effect before anything is logged only, for Logback reads its configuration then.
    void apply() {
        System.setProperty("logback.configurationFile", configuration);
    }
}
