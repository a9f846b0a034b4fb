package dev.saiki.server.settings;

import dev.saiki.io.InputException;
import dev.saiki.server.audit.AuditOptions;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;

/// What can be chosen about a server.
///
/// @param host name or address to listen at
/// @param port to listen at; 0 takes a free one
/// @param modelName the name that requests call the model by
/// @param limits what a request may ask for at most
/// @param connections how many there may be, and how long a client may keep the server waiting
/// @param chatFormat how conversations become text
/// @param vllmMetrics whether measurements have vLLM's names too
/// @param drainTime how long answers that are at work may go on when the server ends
/// @param apiKeys who may ask; empty for everyone
/// @param operation what it does about load, other checkpoints, and the router's savings
/// @param audit how requests are audited; empty if they are not
/// @param tls what the server proves itself with; empty if it speaks HTTP without TLS
/// @param otlp a collector of traces, which listens for OTLP over HTTP; empty if nothing is traced
public record ServerOptions(
        String host,
        int port,
        String modelName,
        Limits limits,
        ConnectionLimits connections,
        ChatFormat chatFormat,
        boolean vllmMetrics,
        Duration drainTime,
        Optional<ApiKeys> apiKeys,
        OperationOptions operation,
        Optional<AuditOptions> audit,
        Optional<TlsOptions> tls,
        Optional<URI> otlp) {

    /// The port unless another is chosen.
    public static final int DEFAULT_PORT = 8080;

    private static final int GREATEST_PORT = 65_535;

    /// Checks every option.
    ///
    /// @throws InputException naming the option, what is allowed, and what was got
    public ServerOptions {
        if (port < 0 || port > GREATEST_PORT) {
            throw new InputException("the port must be from 0 to " + GREATEST_PORT + ", got " + port);
        }
        if (modelName.isBlank()) {
            throw new InputException("the model's name must not be empty");
        }
        if (drainTime.isNegative()) {
            throw new InputException("the drain time must not be negative, got " + drainTime);
        }
        otlp.ifPresent(collector -> {
            boolean http = "http".equals(collector.getScheme()) || "https".equals(collector.getScheme());
            if (!http || collector.getHost() == null) {
                throw new InputException("the collector of traces must be a URL with http or https, got " + collector);
            }
        });
    }

    /// Listens on this machine only, without keys.
    ///
    /// @param modelName the name that requests call the model by
    /// @return the options
    public static ServerOptions local(String modelName) {
        return new ServerOptions(
                "127.0.0.1",
                DEFAULT_PORT,
                modelName,
                Limits.DEFAULT,
                ConnectionLimits.DEFAULT,
                ChatFormat.PLAIN,
                false,
                Duration.ofSeconds(30),
                Optional.empty(),
                OperationOptions.NONE,
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    /// Replaces where to listen.
    ///
    /// @param at name or address
    /// @param number of the port; 0 takes a free one
    /// @return changed options
    public ServerOptions at(String at, int number) {
        return new ServerOptions(
                at,
                number,
                modelName,
                limits,
                connections,
                chatFormat,
                vllmMetrics,
                drainTime,
                apiKeys,
                operation,
                audit,
                tls,
                otlp);
    }

    /// Replaces what a request may ask for.
    ///
    /// @param most the limits
    /// @return changed options
    public ServerOptions withLimits(Limits most) {
        return new ServerOptions(
                host,
                port,
                modelName,
                most,
                connections,
                chatFormat,
                vllmMetrics,
                drainTime,
                apiKeys,
                operation,
                audit,
                tls,
                otlp);
    }

    /// Replaces how many connections there may be, and how long a client may keep the server waiting.
    ///
    /// @param most the limits
    /// @return changed options
    public ServerOptions withConnections(ConnectionLimits most) {
        return new ServerOptions(
                host,
                port,
                modelName,
                limits,
                most,
                chatFormat,
                vllmMetrics,
                drainTime,
                apiKeys,
                operation,
                audit,
                tls,
                otlp);
    }

    /// Replaces how conversations become text.
    ///
    /// @param format of them
    /// @return changed options
    public ServerOptions withChatFormat(ChatFormat format) {
        return new ServerOptions(
                host,
                port,
                modelName,
                limits,
                connections,
                format,
                vllmMetrics,
                drainTime,
                apiKeys,
                operation,
                audit,
                tls,
                otlp);
    }

    /// Gives measurements vLLM's names too.
    ///
    /// @return changed options
    public ServerOptions withVllmMetrics() {
        return new ServerOptions(
                host,
                port,
                modelName,
                limits,
                connections,
                chatFormat,
                true,
                drainTime,
                apiKeys,
                operation,
                audit,
                tls,
                otlp);
    }

    /// Replaces how long answers may go on when the server ends.
    ///
    /// @param time for the rest
    /// @return changed options
    public ServerOptions withDrainTime(Duration time) {
        return new ServerOptions(
                host,
                port,
                modelName,
                limits,
                connections,
                chatFormat,
                vllmMetrics,
                time,
                apiKeys,
                operation,
                audit,
                tls,
                otlp);
    }

    /// Lets only those ask who have a key.
    ///
    /// @param keys the keys
    /// @return changed options
    public ServerOptions withApiKeys(ApiKeys keys) {
        return new ServerOptions(
                host,
                port,
                modelName,
                limits,
                connections,
                chatFormat,
                vllmMetrics,
                drainTime,
                Optional.of(keys),
                operation,
                audit,
                tls,
                otlp);
    }

    /// Replaces what it does about load, other checkpoints, and the router's savings.
    ///
    /// @param what it does
    /// @return changed options
    public ServerOptions withOperation(OperationOptions what) {
        return new ServerOptions(
                host,
                port,
                modelName,
                limits,
                connections,
                chatFormat,
                vllmMetrics,
                drainTime,
                apiKeys,
                what,
                audit,
                tls,
                otlp);
    }

    /// Keeps a record of each request.
    ///
    /// @param options of the audit
    /// @return changed options
    public ServerOptions withAudit(AuditOptions options) {
        return new ServerOptions(
                host,
                port,
                modelName,
                limits,
                connections,
                chatFormat,
                vllmMetrics,
                drainTime,
                apiKeys,
                operation,
                Optional.of(options),
                tls,
                otlp);
    }

    /// Answers over TLS only.
    ///
    /// @param proof what the server proves itself with
    /// @return changed options
    public ServerOptions withTls(TlsOptions proof) {
        return new ServerOptions(
                host,
                port,
                modelName,
                limits,
                connections,
                chatFormat,
                vllmMetrics,
                drainTime,
                apiKeys,
                operation,
                audit,
                Optional.of(proof),
                otlp);
    }

    /// Tells a collector of traces what happens to requests.
    ///
    /// @param collector where it listens for OTLP over HTTP; an address without a path is that of OTLP
    /// @return changed options
    public ServerOptions withOtlp(URI collector) {
        return new ServerOptions(
                host,
                port,
                modelName,
                limits,
                connections,
                chatFormat,
                vllmMetrics,
                drainTime,
                apiKeys,
                operation,
                audit,
                tls,
                Optional.of(collector));
    }
}
