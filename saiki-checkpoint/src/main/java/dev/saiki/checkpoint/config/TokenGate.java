package dev.saiki.checkpoint.config;

/// The recursion steps at which token-choice routing applies the gate.
public enum TokenGate implements JsonEnum {

    /// Every step, with that step's component: the paper's equation.
    EVERY("every"),

    /// Only the last step, with the chosen component: the released code.
    LAST("last");

    private final String key;

    TokenGate(String key) {
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
    public static TokenGate fromKey(String key, String where) {
        return JsonEnum.find(values(), key, where);
    }
}
