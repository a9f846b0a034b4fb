package dev.saiki.server.anthropic.messages;

import dev.saiki.http.ApiException;
import dev.saiki.http.Json;
import tools.jackson.databind.node.ObjectNode;

/// Errors in Anthropic's form.
public final class MessageErrors {

    /// The prefix of Anthropic's paths.
    public static final String PATH = "/v1/messages";

    /// The field of requests that contain only the last turn, and continue a conversation stored on the server.
    static final String THREAD = "thread";

    private MessageErrors() {}

    /// Writes an error.
    ///
    /// @param refusal the error
    public static ObjectNode of(ApiException refusal) {
        ObjectNode body = Json.object().put("type", "error");
        ObjectNode error =
                body.putObject("error").put("type", type(refusal.status())).put("message", refusal.getMessage());
        if (refusal.param().filter(THREAD::equals).isPresent()) {
            // Clients that receive this code send the whole conversation instead.
            error.putObject("details")
                    .put("error_code", "thread_unsupported_request")
                    .putArray("unsupported")
                    .add(THREAD);
        }
        return body;
    }

    private static String type(int status) {
        return switch (status) {
            case 401 -> "authentication_error";
            case 403 -> "permission_error";
            case 404 -> "not_found_error";
            case 413 -> "request_too_large";
            case 429 -> "rate_limit_error";
            case 503 -> "overloaded_error";
            case 504 -> "timeout_error";
            default -> status < 500 ? "invalid_request_error" : "api_error";
        };
    }
}
