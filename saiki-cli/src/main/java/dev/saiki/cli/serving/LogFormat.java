package dev.saiki.cli.serving;

/// The format of a server's log.
public enum LogFormat {
    /// A readable line with the time.
    PLAIN("logback-serve.xml"),
    /// One JSON object a line, with the time, the thread and the request's id.
    JSON("logback-json.xml");

    private final String configuration;

    LogFormat(String configuration) {
        this.configuration = configuration;
    }

    /// Selects the format. Must be called before anything is logged, since Logback reads its configuration then.
    ///
    /// @param accessLog whether requests are logged
    public void apply(boolean accessLog) {
        System.setProperty("logback.configurationFile", configuration);
        System.setProperty("saiki.access", accessLog ? "INFO" : "OFF");
    }
}
