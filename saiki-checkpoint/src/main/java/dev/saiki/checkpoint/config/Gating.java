package dev.saiki.checkpoint.config;

/// The use of the gate: as a factor of the shared block's output, or only for selection.
public enum Gating implements JsonEnum {

    /// The gate multiplies the output: the router learns from the language-model loss.
    WEIGHTED("weighted"),

    /// The gate does not multiply the output: the router only selects.
    ADDITIVE("additive");

    private final String key;

    Gating(String key) {
        this.key = key;
    }

    @Override
    public String key() {
        return key;
    }

    /// Finds the choice with a given spelling.
    ///
    /// @param key the spelling in JSON
    /// @param where the JSON key of the value, for the error message
    /// @return the choice
    /// @throws dev.saiki.io.InputException if no choice has this spelling
    public static Gating fromKey(String key, String where) {
        return JsonEnum.find(values(), key, where);
    }
}
