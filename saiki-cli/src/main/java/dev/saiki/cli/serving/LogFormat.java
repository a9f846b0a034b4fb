package dev.saiki.cli.serving;

/// The format of a server's log.
public enum LogFormat {
    /// A line for people, with its time.
    PLAIN("logback-serve.xml"),
    /// One JSON object a line, with the time, the thread and the request's id.
    JSON("logback-json.xml");

    private final String configuration;

    LogFormat(String configuration) {
        this.configuration = configuration;
    }

    /// Chooses the format. Has an effect before anything is logged only, for Logback reads its configuration then.
    ///
    /// @param accessLog whether requests are logged
    public void apply(boolean accessLog) {
        System.setProperty("logback.configurationFile", configuration);
        System.setProperty("saiki.access", accessLog ? "INFO" : "OFF");
    }
}
