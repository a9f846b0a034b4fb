package dev.saiki.chat;

import dev.saiki.io.InputException;
import dev.saiki.text.template.CheckpointTemplate;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Options of a prompt beside its conversation.
///
/// @param settings further variables of the chat template, such as `enable_thinking`; without a template they do
///     nothing
/// @param isBound whether the answer is bound to a form, which leaves no room for thoughts
public record PromptOptions(ObjectNode settings, boolean isBound) {

    /// The field of requests that has the variables.
    public static final String SETTINGS = "chat_template_kwargs";

    /// Makes options without variables.
    ///
    /// @param isBound whether the answer is bound to a form
    /// @return the options
    public static PromptOptions of(boolean isBound) {
        return new PromptOptions(JsonNodeFactory.instance.objectNode(), isBound);
    }

    /// Returns these options with one more variable, unless it is set.
    ///
    /// @param name of the variable
    /// @param value of it
    /// @return new options
    public PromptOptions with(String name, boolean value) {
        ObjectNode more = settings.deepCopy();
        return new PromptOptions(more.has(name) ? more : more.put(name, value), isBound);
    }

    /// Refuses variables that would replace the conversation.
    void requireFree(CheckpointTemplate template) {
        settings.propertyNames().stream()
                .filter(template::isReserved)
                .findFirst()
                .ifPresent(name -> {
                    throw new InputException(SETTINGS + " must not set " + name + ", which Saiki sets itself");
                });
    }
}
