/// Conversations with a model: prompts in its chat format, tools, and the parsing of answers into thoughts, text
/// and calls.
@org.jspecify.annotations.NullMarked
module dev.saiki.chat {
    requires static transitive org.jspecify;
    requires transitive dev.saiki.engine;
    requires transitive dev.saiki.text;
    requires transitive tools.jackson.databind;

    exports dev.saiki.chat;
    exports dev.saiki.chat.answer;
    exports dev.saiki.chat.tool;
}
