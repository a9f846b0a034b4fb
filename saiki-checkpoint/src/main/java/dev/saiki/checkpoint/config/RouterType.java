package dev.saiki.checkpoint.config;

/// The network that computes router logits from a token's hidden state or its position; without biases.
public enum RouterType implements JsonEnum {

    /// One matrix.
    LINEAR("linear", 0),

    /// Two matrices with a GELU (erf form) between, hidden layer twice as wide as the model.
    MLP("mlp", 2),

    /// As {@link #MLP}, four times as wide.
    WIDE_MLP("wide_mlp", 4),

    /// One matrix over {@link PositionFeatures}: the baseline that sees where a token stands and nothing of the
    /// token.
    POSITION("position", 0);

    private final String key;
    private final int hiddenFactor;

    RouterType(String key, int hiddenFactor) {
        this.key = key;
        this.hiddenFactor = hiddenFactor;
    }

    @Override
    public String key() {
        return key;
    }

    /// Returns the width of the router's hidden layer in multiples of the model's hidden size; 0 without one.
    ///
    /// @return the factor
    public int hiddenFactor() {
        return hiddenFactor;
    }

    /// Finds the choice with a given spelling.
    ///
    /// @param key the spelling in JSON
    /// @param where the JSON key it was found at, for the error message
    /// @return the choice
    /// @throws dev.saiki.io.InputException if no choice is spelled so
    public static RouterType fromKey(String key, String where) {
        return JsonEnum.find(values(), key, where);
    }
}
