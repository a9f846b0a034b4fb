package dev.saiki.checkpoint.config;

/// The network that computes router logits from a token's hidden state or its position; without biases.
public enum RouterType implements JsonEnum {

    /// One matrix.
    LINEAR("linear", 0),

    /// Two matrices with a GELU (erf form) between them; the hidden layer is twice as wide as the model.
    MLP("mlp", 2),

    /// Like {@link #MLP}, with a hidden layer four times as wide as the model.
    WIDE_MLP("wide_mlp", 4),

    /// One matrix over {@link PositionFeatures}: the baseline that sees the position of a token but not the token.
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
    /// @param where the JSON key of the value, for the error message
    /// @return the choice
    /// @throws dev.saiki.io.InputException if no choice has this spelling
    public static RouterType fromKey(String key, String where) {
        return JsonEnum.find(values(), key, where);
    }
}
