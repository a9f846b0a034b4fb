package dev.saiki.chat;

import dev.saiki.io.InputException;
import dev.saiki.text.template.CheckpointTemplate;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// The options of a prompt in addition to its conversation.
///
/// @param settings further variables of the chat template, such as `enable_thinking`; ignored without a template
/// @param isBound whether the answer is constrained to a form, so that it contains no thoughts
public record PromptOptions(ObjectNode settings, boolean isBound) {

    /// The request field for the variables.
    public static final String SETTINGS = "chat_template_kwargs";

    /// Creates options without variables.
    ///
    /// @param isBound whether the answer is constrained to a form
    /// @return the options
    public static PromptOptions of(boolean isBound) {
        return new PromptOptions(JsonNodeFactory.instance.objectNode(), isBound);
    }

    /// Returns these options with an additional variable, unless it is already set.
    ///
    /// @param name the variable's name
    /// @param value the variable's value
    /// @return new options
    public PromptOptions with(String name, boolean value) {
        ObjectNode more = settings.deepCopy();
        return new PromptOptions(more.has(name) ? more : more.put(name, value), isBound);
    }

    /// Rejects variables that would replace the conversation or the special tokens.
    void requireFree(CheckpointTemplate template) {
        settings.propertyNames().stream()
                .filter(template::isReserved)
                .findFirst()
                .ifPresent(name -> {
                    throw new InputException(SETTINGS + " must not set " + name + ", which Saiki sets itself");
                });
    }
}
