package dev.saiki.server.settings;

import dev.saiki.chat.ChatFormat;
import dev.saiki.http.key.ApiKeys;
import dev.saiki.http.origin.AllowedOrigins;
import dev.saiki.http.server.ConnectionLimits;
import dev.saiki.http.server.ListenOptions;
import dev.saiki.http.server.TlsOptions;
import dev.saiki.io.InputException;
import dev.saiki.server.audit.AuditOptions;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalDouble;

/// The options of a server, built by a {@link Builder}.
///
/// @param listen the address, TLS and limits on connections
/// @param modelName the name of the model in requests
/// @param limits the limits on a single request
/// @param chatFormat the format that converts conversations to text
/// @param vllmMetrics whether metrics are exported under vLLM's names too
/// @param drainTime the time for which running answers may continue at shutdown
/// @param access the keys and the allowed sites
/// @param operation the options of load shedding, reloading, rescoring, readiness and warm-up
/// @param audit the options of the audit; empty for no audit
/// @param otlp a collector of traces that accepts OTLP over HTTP; empty for no tracing
public record ServerOptions(
        ListenOptions listen,
        String modelName,
        RequestLimits limits,
        ChatFormat chatFormat,
        boolean vllmMetrics,
        Duration drainTime,
        AccessOptions access,
        OperationOptions operation,
        Optional<AuditOptions> audit,
        Optional<URI> otlp) {

    /// The default port.
    public static final int DEFAULT_PORT = 8080;

    /// Checks every option.
    ///
    /// @throws InputException naming the option, the allowed values and the given one
    public ServerOptions {
        if (modelName.isBlank()) {
            throw new InputException("the model's name must not be empty");
        }
        if (drainTime.isNegative()) {
            throw new InputException("the drain time must not be negative, got " + drainTime);
        }
        otlp.ifPresent(collector -> {
            boolean http = "http".equals(collector.getScheme()) || "https".equals(collector.getScheme());
            InputException.require(
                    http && collector.getHost() != null, "the trace collector", "an http or https URL", collector);
        });
    }

    /// Creates a builder, which by default listens on this machine only and accepts requests without keys.
    ///
    /// @param modelName the name of the model in requests
    /// @return a builder
    public static Builder builder(String modelName) {
        return new Builder(modelName);
    }

    /// A builder of options, each with a default. Values are checked in {@link #build}.
    public static final class Builder {

        private final String modelName;
        private String host = "127.0.0.1";
        private int port = DEFAULT_PORT;
        private ConnectionLimits connections = ConnectionLimits.DEFAULT;
        private Optional<TlsOptions> tls = Optional.empty();
        private RequestLimits limits = RequestLimits.DEFAULT;
        private ChatFormat chatFormat = ChatFormat.PLAIN;
        private boolean vllmMetrics;
        private Duration drainTime = Duration.ofSeconds(30);
        private Optional<ApiKeys> apiKeys = Optional.empty();
        private AllowedOrigins allowedOrigins = AllowedOrigins.NONE;
        private Optional<SharedLimits> sharedLimits = Optional.empty();
        private Optional<SheddingOptions> shedding = Optional.empty();
        private Optional<ReloadOptions> reload = Optional.empty();
        private double rescoring;
        private Optional<Path> effortEvidence = Optional.empty();
        private OptionalDouble unreadyFrom = OptionalDouble.empty();
        private Duration warmUp = Duration.ZERO;
        private Optional<AuditOptions> audit = Optional.empty();
        private Optional<URI> otlp = Optional.empty();

        private Builder(String modelName) {
            this.modelName = modelName;
        }

        /// Sets the address.
        ///
        /// @param name the host's name or address
        /// @param number the number of the port; 0 takes any free port
        /// @return this
        public Builder at(String name, int number) {
            host = name;
            port = number;
            return this;
        }

        /// Sets the limits on connections and slow clients.
        ///
        /// @param most the limits
        /// @return this
        public Builder connections(ConnectionLimits most) {
            connections = most;
            return this;
        }

        /// Answers over TLS only.
        ///
        /// @param proof the server's certificate and key
        /// @return this
        public Builder tls(TlsOptions proof) {
            tls = Optional.of(proof);
            return this;
        }

        /// Sets the limits on a request.
        ///
        /// @param most the limits
        /// @return this
        public Builder limits(RequestLimits most) {
            limits = most;
            return this;
        }

        /// Sets the chat format.
        ///
        /// @param format the format of conversations
        /// @return this
        public Builder chatFormat(ChatFormat format) {
            chatFormat = format;
            return this;
        }

        /// Exports metrics under vLLM's names too.
        ///
        /// @return this
        public Builder vllmMetrics() {
            vllmMetrics = true;
            return this;
        }

        /// Sets for how long running answers may continue at shutdown.
        ///
        /// @param time the longest time
        /// @return this
        public Builder drainTime(Duration time) {
            drainTime = time;
            return this;
        }

        /// Requires a key.
        ///
        /// @param keys the keys
        /// @return this
        public Builder apiKeys(ApiKeys keys) {
            apiKeys = Optional.of(keys);
            return this;
        }

        /// Allows web pages of other sites to call the server from a browser.
        ///
        /// @param origins the origins of the pages
        /// @return this
        public Builder allowedOrigins(AllowedOrigins origins) {
            allowedOrigins = origins;
            return this;
        }

        /// Shares the rate limits with other servers.
        ///
        /// @param where the shared database
        /// @return this
        public Builder sharedLimits(SharedLimits where) {
            sharedLimits = Optional.of(where);
            return this;
        }

        /// Reports that the server is not ready while the queue is long, so that a load balancer chooses
        /// another one.
        ///
        /// @param share the share of the queue that must be filled, above 0 and at most 1
        /// @return this
        public Builder unreadyFrom(double share) {
            unreadyFrom = OptionalDouble.of(share);
            return this;
        }

        /// Lowers the depth of requests under load.
        ///
        /// @param how the options of load shedding
        /// @return this
        public Builder shedding(SheddingOptions how) {
            shedding = Optional.of(how);
            return this;
        }

        /// Allows other checkpoints to be loaded while the server runs.
        ///
        /// @param where the source of the other checkpoints
        /// @return this
        public Builder reload(ReloadOptions where) {
            reload = Optional.of(where);
            return this;
        }

        /// Scores a share of the answers again at full depth in idle time.
        ///
        /// @param share the share of the answers
        /// @return this
        public Builder rescoring(double share) {
            rescoring = share;
            return this;
        }

        /// Sets the folder for the evidence about certified efforts, which must not be shared with other servers.
        ///
        /// @param folder the folder, created when needed
        /// @return this
        public Builder effortEvidence(Path folder) {
            effortEvidence = Optional.of(folder);
            return this;
        }

        /// Warms up before the server reports that it is ready, so that its first answers are as fast as
        /// later ones.
        ///
        /// @param most the time limit of the warm-up, which ends earlier if latency has settled
        /// @return this
        public Builder warmUp(Duration most) {
            warmUp = most;
            return this;
        }

        /// Stores a record of each request that runs the engine.
        ///
        /// @param options the options of the audit
        /// @return this
        public Builder audit(AuditOptions options) {
            audit = Optional.of(options);
            return this;
        }

        /// Sends traces of requests to a collector.
        ///
        /// @param collector the collector's address for OTLP over HTTP; without a path, OTLP's default path is
        ///     used
        /// @return this
        public Builder otlp(URI collector) {
            otlp = Optional.of(collector);
            return this;
        }

        /// Checks all options.
        ///
        /// @return the options
        /// @throws InputException naming the option, the allowed values and the given one
        public ServerOptions build() {
            return new ServerOptions(
                    new ListenOptions(host, port, connections, tls),
                    modelName,
                    limits,
                    chatFormat,
                    vllmMetrics,
                    drainTime,
                    new AccessOptions(apiKeys, allowedOrigins, sharedLimits),
                    new OperationOptions(shedding, reload, rescoring, effortEvidence, unreadyFrom, warmUp),
                    audit,
                    otlp);
        }
    }
}
