package dev.saiki.checkpoint.config;

/// The activation between a router's logit and the gate.
public enum RouterFunction implements JsonEnum {

    /// The logit itself, without alpha.
    NONE("none"),

    /// The logistic function.
    SIGMOID("sigmoid"),

    /// The hyperbolic tangent.
    TANH("tanh"),

    /// A distribution over the recursion steps; token-choice only.
    SOFTMAX("softmax");

    private final String key;

    RouterFunction(String key) {
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
    public static RouterFunction fromKey(String key, String where) {
        return JsonEnum.find(values(), key, where);
    }
}
