package dev.saiki.server.answer;

/// A protocol's form of functions, and of the choice among them.
public enum ToolForm {
    /// OpenAI's chat completions: a function stands in a field of its own.
    CHAT("function", "function", "parameters"),
    /// OpenAI's responses: a function stands by itself.
    RESPONSES("function", "", "parameters"),
    /// Anthropic's messages: a function stands by itself, and need not say that it is one.
    MESSAGES("custom", "", "input_schema");

    private final String type;
    private final String place;
    private final String schema;

    ToolForm(String type, String place, String schema) {
        this.type = type;
        this.place = place;
        this.schema = schema;
    }

    /// What a tool's `type` says if it is a function.
    String type() {
        return type;
    }

    /// The type of a tool that does not say it.
    String impliedType() {
        return this == MESSAGES ? type : "";
    }

    /// The field that has a function, or the name of one; empty if it stands by itself.
    String place() {
        return place;
    }

    /// The field that has the schema of the arguments.
    String schema() {
        return schema;
    }
}
