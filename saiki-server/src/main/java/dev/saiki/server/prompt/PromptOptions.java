package dev.saiki.server.prompt;

import dev.saiki.server.http.ApiException;
import dev.saiki.server.http.Json;
import dev.saiki.server.http.RequestBody;
import dev.saiki.text.template.CheckpointTemplate;
import tools.jackson.databind.node.ObjectNode;

/// Options of a prompt, beside the conversation that is in it.
///
/// @param settings further variables of the chat template, such as `enable_thinking`
/// @param isBound whether the answer is bound to a form, in which there is no room for thoughts
public record PromptOptions(ObjectNode settings, boolean isBound) {

    /// The field that has the variables.
    public static final String SETTINGS = "chat_template_kwargs";

    /// Reads the variables of a request.
    ///
    /// @param isBound whether it asks for a form
    public static PromptOptions read(RequestBody body, boolean isBound) {
        ObjectNode settings = Json.object();
        RequestBody given = body.object(SETTINGS);
        for (String name : given.names()) {
            given.value(name).ifPresentOrElse(value -> settings.set(name, value), () -> settings.putNull(name));
        }
        return new PromptOptions(settings, isBound);
    }

    /// The same with one more variable, unless it is set.
    ///
    /// @param name of the variable
    public PromptOptions with(String name, boolean value) {
        ObjectNode more = settings.deepCopy();
        return new PromptOptions(more.has(name) ? more : more.put(name, value), isBound);
    }

    /// Refuses variables where there is no template that could have any.
    void requireNone() {
        if (!settings.isEmpty()) {
            throw ApiException.unsupported(
                    SETTINGS
                            + " is not supported where the server writes conversations in a format of its own: it needs a"
                            + " model whose chat template is used",
                    SETTINGS);
        }
    }

    /// Refuses variables that say what the conversation says.
    void requireFree(CheckpointTemplate template) {
        settings.propertyNames().stream()
                .filter(template::isReserved)
                .findFirst()
                .ifPresent(name -> {
                    throw ApiException.invalid(
                            SETTINGS + " must not have " + RequestBody.shortened(name) + ", which the server sets",
                            SETTINGS);
                });
    }
}
