package dev.saiki.rollout.pair;

import tools.jackson.databind.JsonNode;

/// The kind of a request, such as chat or tools.
public enum RequestKind implements Word {
    /// A chat that offers no tools and requests a text answer.
    CHAT,
    /// A completion of a prompt.
    COMPLETION,
    /// A request of the Responses API that offers no tools and requests a text answer.
    RESPONSE,
    /// Any request that offers tools to the model.
    TOOLS,
    /// A request for a JSON answer, with a schema or without one.
    STRUCTURED,
    /// A question of the golden set, not sent by a client.
    GOLDEN;

    private static final String TEXT = "text";

    /// Classifies a client's request.
    ///
    /// @param path a path such as `/v1/chat/completions`
    /// @param fields the fields of the request's body
    /// @return the kind
    public static RequestKind of(String path, JsonNode fields) {
        if (!fields.path("tools").isEmpty()) {
            return TOOLS;
        }
        String format = fields.path("response_format")
                .path("type")
                .asString(fields.path(TEXT).path("format").path("type").asString(TEXT));
        if (!format.equals(TEXT)) {
            return STRUCTURED;
        }
        if (path.endsWith("/chat/completions")) {
            return CHAT;
        }
        return path.endsWith("/responses") ? RESPONSE : COMPLETION;
    }
}
