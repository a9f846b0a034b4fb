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
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalDouble;

/// The options of a server, made by a {@link Builder}.
///
/// @param listen where it listens, and what it grants connections
/// @param modelName the name that requests call the model by
/// @param limits what a request may ask for at most
/// @param chatFormat how conversations become text
/// @param vllmMetrics whether measurements have vLLM's names too
/// @param drainTime how long answers that are at work may go on when the server ends
/// @param access who may ask
/// @param operation what it does about load, other checkpoints, and the router's savings
/// @param audit how requests are audited; empty if they are not
/// @param otlp a collector of traces, which listens for OTLP over HTTP; empty if nothing is traced
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

    /// The port unless another is chosen.
    public static final int DEFAULT_PORT = 8080;

    /// Checks every option.
    ///
    /// @throws InputException naming the option, what is allowed, and what was got
    public ServerOptions {
        if (modelName.isBlank()) {
            throw new InputException("the model's name must not be empty");
        }
        if (drainTime.isNegative()) {
            throw new InputException("the drain time must not be negative, got " + drainTime);
        }
        otlp.ifPresent(collector -> {
            boolean http = "http".equals(collector.getScheme()) || "https".equals(collector.getScheme());
            if (!http || collector.getHost() == null) {
                throw new InputException("the trace collector must be an http or https URL, got " + collector);
            }
        });
    }

    /// Listens on this machine only, without keys.
    ///
    /// @param modelName the name that requests call the model by
    /// @return the options
    public static ServerOptions local(String modelName) {
        return builder(modelName).build();
    }

    /// Begins with options that listen on this machine only, without keys.
    ///
    /// @param modelName the name that requests call the model by
    /// @return a builder
    public static Builder builder(String modelName) {
        return new Builder(modelName);
    }

    /// Options in the making; what is not said stays as it usually is. Nothing is checked before {@link #build}.
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
        private OptionalDouble unreadyFrom = OptionalDouble.empty();
        private Duration warmUp = Duration.ZERO;
        private Optional<AuditOptions> audit = Optional.empty();
        private Optional<URI> otlp = Optional.empty();

        private Builder(String modelName) {
            this.modelName = modelName;
        }

        /// Chooses where to listen.
        ///
        /// @param name or address
        /// @param number of the port; 0 takes a free one
        /// @return this
        public Builder at(String name, int number) {
            host = name;
            port = number;
            return this;
        }

        /// Chooses how many connections there may be, and how long a client may keep the server waiting.
        ///
        /// @param most the limits
        /// @return this
        public Builder connections(ConnectionLimits most) {
            connections = most;
            return this;
        }

        /// Answers over TLS only.
        ///
        /// @param proof what the server proves itself with
        /// @return this
        public Builder tls(TlsOptions proof) {
            tls = Optional.of(proof);
            return this;
        }

        /// Chooses what a request may ask for.
        ///
        /// @param most the limits
        /// @return this
        public Builder limits(RequestLimits most) {
            limits = most;
            return this;
        }

        /// Chooses how conversations become text.
        ///
        /// @param format of them
        /// @return this
        public Builder chatFormat(ChatFormat format) {
            chatFormat = format;
            return this;
        }

        /// Gives measurements vLLM's names too.
        ///
        /// @return this
        public Builder vllmMetrics() {
            vllmMetrics = true;
            return this;
        }

        /// Chooses how long answers may go on when the server ends.
        ///
        /// @param time for the rest
        /// @return this
        public Builder drainTime(Duration time) {
            drainTime = time;
            return this;
        }

        /// Lets only those ask who have a key.
        ///
        /// @param keys the keys
        /// @return this
        public Builder apiKeys(ApiKeys keys) {
            apiKeys = Optional.of(keys);
            return this;
        }

        /// Lets pages of other sites ask, from a browser.
        ///
        /// @param origins of these pages
        /// @return this
        public Builder allowedOrigins(AllowedOrigins origins) {
            allowedOrigins = origins;
            return this;
        }

        /// Counts what keys ask for together with other servers.
        ///
        /// @param where they count
        /// @return this
        public Builder sharedLimits(SharedLimits where) {
            sharedLimits = Optional.of(where);
            return this;
        }

        /// Says that the server is not ready while many wait, so that a balancer sends requests to another.
        ///
        /// @param share of the queue, above 0 and at most 1
        /// @return this
        public Builder unreadyFrom(double share) {
            unreadyFrom = OptionalDouble.of(share);
            return this;
        }

        /// Takes depth from requests while many wait.
        ///
        /// @param how far, and from when
        /// @return this
        public Builder shedding(SheddingOptions how) {
            shedding = Optional.of(how);
            return this;
        }

        /// Lets other checkpoints be loaded while the server runs.
        ///
        /// @param where they come from
        /// @return this
        public Builder reload(ReloadOptions where) {
            reload = Optional.of(where);
            return this;
        }

        /// Scores a part of the answers again at full depth when nobody waits.
        ///
        /// @param share of the answers
        /// @return this
        public Builder rescoring(double share) {
            rescoring = share;
            return this;
        }

        /// Rehearses before the server says that it is ready, so that a first answer is as fast as later ones.
        ///
        /// @param most longest time for it; it ends sooner when answers get no faster
        /// @return this
        public Builder warmUp(Duration most) {
            warmUp = most;
            return this;
        }

        /// Keeps a record of each request.
        ///
        /// @param options of the audit
        /// @return this
        public Builder audit(AuditOptions options) {
            audit = Optional.of(options);
            return this;
        }

        /// Tells a collector of traces what happens to requests.
        ///
        /// @param collector where it listens for OTLP over HTTP; an address without a path is that of OTLP
        /// @return this
        public Builder otlp(URI collector) {
            otlp = Optional.of(collector);
            return this;
        }

        /// Checks all options.
        ///
        /// @return the options
        /// @throws InputException naming the option, what is allowed, and what was got
        public ServerOptions build() {
            return new ServerOptions(
                    new ListenOptions(host, port, connections, tls),
                    modelName,
                    limits,
                    chatFormat,
                    vllmMetrics,
                    drainTime,
                    new AccessOptions(apiKeys, allowedOrigins, sharedLimits),
                    new OperationOptions(shedding, reload, rescoring, unreadyFrom, warmUp),
                    audit,
                    otlp);
        }
    }
}
