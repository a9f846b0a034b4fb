package dev.saiki.chat.answer;

import dev.saiki.io.InputException;
import dev.saiki.text.template.CheckpointTemplate;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// A detector of the form of calls that a chat template writes.
///
/// The detector renders a conversation with a call and looks for a known form in the result. The detection does
/// not use the model's name.
public final class CallForms {

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final String NAME = "saiki_probe";
    private static final String ID = "abcdefghi";
    private static final String ARGUMENTS = "\\{\\s*\"key\":\\s*\"value\"\\s*\\}";

    private static final Pattern TAGGED = Pattern.compile("(<tool_call>\\s*\\{\\s*\"name\":\\s*\")" + NAME
            + "(\",\\s*\"arguments\":\\s*)" + ARGUMENTS + "(\\s*\\}\\s*</tool_call>)");
    private static final Pattern LISTED = Pattern.compile(
            "(\\[TOOL_CALLS\\]\\s*\\[\\s*\\{\\s*\"name\":\\s*\")" + NAME + "(\",\\s*\"arguments\":\\s*)" + ARGUMENTS);
    private static final Pattern NAMED =
            Pattern.compile("\\[TOOL_CALLS\\]" + NAME + "(?:\\[CALL_ID\\]" + ID + ")?\\[ARGS\\]" + ARGUMENTS);
    private static final Pattern BARE = Pattern.compile(
            "(\\{\\s*\"name\":\\s*\")" + NAME + "(\",\\s*\"parameters\":\\s*)" + ARGUMENTS + "(\\s*\\})");

    /// The form that some templates only describe to the model in words, and never render.
    private static final Pattern DESCRIBED =
            Pattern.compile("<tool_call>\\s*\\{\\s*\"name\":[^<>]*<[^<>]*>,\\s*\"arguments\":");

    private CallForms() {}

    /// Detects the form of a model's calls.
    ///
    /// @param template the checkpoint's template, if that template is used
    /// @return the form; Saiki's own form if the template does not render functions or uses an unknown form
    public static CallForm of(Optional<CheckpointTemplate> template) {
        return template.filter(CheckpointTemplate::showsTools)
                .flatMap(CallForms::written)
                .flatMap(CallForms::found)
                .orElseGet(PlainCalls::new);
    }

    /// The conversation rendered by the template, with the call if the template accepts one.
    private static Optional<String> written(CheckpointTemplate template) {
        return rendered(template, true).or(() -> rendered(template, false));
    }

    private static Optional<String> rendered(CheckpointTemplate template, boolean withCall) {
        ArrayNode messages = JSON.arrayNode();
        messages.addObject().put("role", "user").put("content", "a");
        if (withCall) {
            ObjectNode answer = messages.addObject().put("role", "assistant").put("content", "");
            ObjectNode call = answer.putArray("tool_calls")
                    .addObject()
                    .put("type", "function")
                    .put("id", ID);
            call.putObject("function").put("name", NAME).putObject("arguments").put("key", "value");
            messages.addObject().put("role", "tool").put("tool_call_id", ID).put("content", "b");
        }
        ArrayNode tools = JSON.arrayNode();
        ObjectNode function = tools.addObject().put("type", "function").putObject("function");
        function.put("name", NAME).put("description", "c");
        function.putObject("parameters").put("type", "object").putObject("properties");
        try {
            return Optional.of(template.render(messages, tools, JSON.objectNode()));
        } catch (InputException refusal) {
            return Optional.empty();
        }
    }

    private static Optional<CallForm> found(String text) {
        Matcher tagged = TAGGED.matcher(text);
        if (tagged.find()) {
            return Optional.of(new TaggedCalls(new CallLayout(tagged.group(1), tagged.group(2), tagged.group(3))));
        }
        Matcher listed = LISTED.matcher(text);
        if (listed.find()) {
            return Optional.of(new BracketedCalls(new CallLayout(listed.group(1), listed.group(2), "}]")));
        }
        if (NAMED.matcher(text).find()) {
            return Optional.of(new BracketedCalls(new CallLayout(BracketedCalls.MARK, BracketedCalls.ARGUMENTS, "")));
        }
        Matcher bare = BARE.matcher(text);
        if (bare.find()) {
            return Optional.of(new BareCalls(new CallLayout(bare.group(1), bare.group(2), bare.group(3))));
        }
        return DESCRIBED.matcher(text).find() ? Optional.of(new TaggedCalls(TaggedCalls.USUAL)) : Optional.empty();
    }
}
