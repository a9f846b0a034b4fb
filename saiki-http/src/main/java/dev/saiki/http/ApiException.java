package dev.saiki.http;

import dev.saiki.io.InputException;
import java.io.Serial;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/// An error response in OpenAI's format: status, type, code and message.
public final class ApiException extends RuntimeException {

    @Serial
    private static final long serialVersionUID = 1L;

    private static final Pattern FIELD = Pattern.compile("([a-z_]+) (must|of|is) ");

    /// The maximum length of a message in characters: some messages quote client input, which may be megabytes
    /// long.
    private static final int MAX_MESSAGE = 600;

    private static final Duration SOON = Duration.ofSeconds(1);
    private static final Duration LATER = Duration.ofSeconds(5);

    private final int status;
    private final @Nullable String param;
    private final @Nullable String code;
    private final transient @Nullable Duration retryAfter;

    private ApiException(
            int status, @Nullable String code, String message, @Nullable String param, @Nullable Duration retryAfter) {
        super(RequestBody.shortened(message, MAX_MESSAGE));
        this.status = status;
        this.param = param;
        this.code = code;
        this.retryAfter = retryAfter;
    }

    private ApiException(int status, String code, String message) {
        this(status, code, message, null, null);
    }

    /// A request that is malformed or has an invalid value.
    ///
    /// @param message message that names the problem, the allowed values and the given value
    /// @param param the field at fault, if any
    /// @return the exception, status 400
    public static ApiException invalid(String message, @Nullable String param) {
        return new ApiException(400, null, message, param, null);
    }

    /// A request that the engine refuses. The engine's messages begin with the name of the invalid field, if there
    /// is one.
    ///
    /// @param mistake the engine's exception
    /// @return the exception, status 400
    public static ApiException invalid(InputException mistake) {
        String message = String.valueOf(mistake.getMessage());
        Matcher field = FIELD.matcher(message);
        return invalid(message, field.lookingAt() ? field.group(1) : null);
    }

    /// A request for an unsupported feature.
    ///
    /// @param message message that names the feature
    /// @param param the field that requests the feature
    /// @return the exception, status 400
    public static ApiException unsupported(String message, String param) {
        return new ApiException(400, "unsupported_value", message, param, null);
    }

    /// A text that exceeds the model's context, alone or together with its answer.
    ///
    /// @param message the message with the lengths of the context and the text
    /// @param param the field that is too long or too large
    /// @return the exception, status 400
    public static ApiException tooLong(String message, String param) {
        return new ApiException(400, "context_length_exceeded", message, param, null);
    }

    /// A request without a key, or with a wrong one.
    ///
    /// @param message message that says what is missing or wrong
    /// @return the exception, status 401
    public static ApiException unauthenticated(String message) {
        return new ApiException(401, "invalid_api_key", message);
    }

    /// A request that the key's role does not allow.
    ///
    /// @param message message that names the denied operation
    /// @return the exception, status 403
    public static ApiException forbidden(String message) {
        return new ApiException(403, "insufficient_permissions", message);
    }

    /// A request from a web page of another site, or to a host name that is not this server's.
    ///
    /// @param message message that says how to allow such requests
    /// @return the exception, status 403
    public static ApiException foreignPage(String message) {
        return new ApiException(403, "foreign_page", message);
    }

    /// A request whose key has reached a limit per minute.
    ///
    /// @param message message that names the limit
    /// @param retryAfter the time until the limit permits another request
    /// @return the exception, status 429
    public static ApiException limited(String message, Duration retryAfter) {
        return new ApiException(429, "rate_limit_exceeded", message, null, retryAfter);
    }

    /// A path without an endpoint.
    ///
    /// @param message message that names the path
    /// @return the exception, status 404
    public static ApiException notFound(String message) {
        return new ApiException(404, "not_found", message);
    }

    /// A model that this server does not have.
    ///
    /// @param asked the requested name
    /// @param served the names of the served models
    /// @return the exception, status 404
    public static ApiException unknownModel(String asked, List<String> served) {
        return new ApiException(
                404,
                "model_not_found",
                "the model '" + RequestBody.shortened(asked) + "' does not exist; this server has '"
                        + String.join("', '", served) + "'",
                "model",
                null);
    }

    /// A path that does not support the method.
    ///
    /// @param message message that names the path
    /// @return the exception, status 405
    public static ApiException wrongMethod(String message) {
        return new ApiException(405, "method_not_allowed", message);
    }

    /// A body that exceeds the limit.
    ///
    /// @param most the largest accepted body in bytes
    /// @return the exception, status 413
    public static ApiException tooLarge(long most) {
        return new ApiException(413, "request_too_large", "the body must have at most " + most + " bytes");
    }

    /// A body with a content encoding, such as compression.
    ///
    /// @return the exception, status 415
    public static ApiException packed() {
        return new ApiException(
                415,
                "unsupported_content_encoding",
                "the body must not be compressed: send it without Content-Encoding");
    }

    /// The exception for a full queue.
    ///
    /// @param message message that names the limit
    /// @param retryAfter the time after which to retry
    /// @return the exception, status 429
    public static ApiException full(String message, Duration retryAfter) {
        return new ApiException(429, "queue_full", message, null, retryAfter);
    }

    /// The exception for a server that is shutting down.
    ///
    /// @return the exception, status 503
    public static ApiException ending() {
        return new ApiException(503, "shutting_down", "the server is shutting down", null, SOON);
    }

    /// The exception for a query whether a slot is free, while all slots are in use: a new request would have
    /// to wait.
    ///
    /// @return the exception, status 503
    public static ApiException noSlot() {
        return new ApiException(503, "no_slot", "no slot is free", null, SOON);
    }

    /// The exception for a required service that is temporarily unavailable.
    ///
    /// @param message message that names the service
    /// @return the exception, status 503
    public static ApiException unavailable(String message) {
        return new ApiException(503, "unavailable", message, null, SOON);
    }

    /// The exception for a request whose record could not be stored although records are required.
    ///
    /// @return the exception, status 503
    public static ApiException unaudited() {
        return new ApiException(
                503,
                "audit_unavailable",
                "the server must store an audit record of each request, but cannot store one of this request",
                null,
                LATER);
    }

    /// The exception for audit records that cannot be read.
    ///
    /// @return the exception, status 503
    public static ApiException auditUnreachable() {
        return new ApiException(503, "audit_unavailable", "the audit database cannot be reached", null, LATER);
    }

    /// The exception for an upstream server that failed.
    ///
    /// @param message message that names the failure
    /// @return the exception, status 502
    public static ApiException upstreamFailed(String message) {
        return new ApiException(502, "upstream_failed", message);
    }

    /// The exception for an upstream server that timed out.
    ///
    /// @param message message that names the failure
    /// @return the exception, status 504
    public static ApiException upstreamLate(String message) {
        return new ApiException(504, "upstream_timeout", message);
    }

    /// The exception for an answer that exceeded its time limit.
    ///
    /// @param limit the time limit
    /// @return the exception, status 504
    public static ApiException late(Duration limit) {
        return new ApiException(
                504,
                "request_timeout",
                "the answer was not complete after " + limit.toMillis() / 1000.0 + " s, the time limit of a request");
    }

    /// The exception for a request without an answer because the model computed a value that is not finite.
    ///
    /// @return the exception, status 500
    public static ApiException notFinite() {
        return new ApiException(
                500, "not_finite", "the model computed infinite or undefined numbers, so there is no answer");
    }

    /// An internal error, whose cause is in the server's log under the request's id.
    ///
    /// @return the exception, status 500
    public static ApiException broken() {
        return new ApiException(500, "internal_error", "the server failed; see its log");
    }

    /// Returns the status.
    ///
    /// @return the HTTP status
    public int status() {
        return status;
    }

    /// Returns the kind of error.
    ///
    /// @return one of OpenAI's types
    public String type() {
        return switch (status) {
            case 401 -> "authentication_error";
            case 403 -> "permission_error";
            case 429 -> "rate_limit_error";
            case 503 -> "unavailable_error";
            default -> status < 500 ? "invalid_request_error" : "server_error";
        };
    }

    /// Returns the error code.
    ///
    /// @return a code of OpenAI's API, or a code that only Saiki uses
    public Optional<String> code() {
        return Optional.ofNullable(code);
    }

    /// Returns the field at fault.
    ///
    /// @return a field of the request
    public Optional<String> param() {
        return Optional.ofNullable(param);
    }

    /// Returns the time after which to retry.
    ///
    /// @return the time, counted from now
    public Optional<Duration> retryAfter() {
        return Optional.ofNullable(retryAfter);
    }

    /// Returns the body of the response.
    ///
    /// @return an object with one key, `error`
    public ObjectNode toJson() {
        ObjectNode body = Json.object();
        ObjectNode error = body.putObject("error");
        error.put("message", getMessage());
        error.put("type", type());
        error.put("param", param);
        error.put("code", code);
        return body;
    }
}
