package dev.saiki.checkpoint.config;

/// The network that computes router logits from a token's hidden state or position; the network has no
/// biases.
public enum RouterType implements JsonEnum {

    /// One matrix.
    LINEAR(0),

    /// Two matrices with a GELU (erf form) between them; the hidden layer is twice as wide as the model.
    MLP(2),

    /// Like {@link #MLP}, with a hidden layer four times as wide as the model.
    WIDE_MLP(4),

    /// One matrix over {@link PositionFeatures}: the baseline whose input is a token's position, not its hidden
    /// state.
    POSITION(0);

    private final int hiddenFactor;

    RouterType(int hiddenFactor) {
        this.hiddenFactor = hiddenFactor;
    }

    /// Returns the width of the router's hidden layer in multiples of the model's hidden size; 0 without a hidden
    /// layer.
    ///
    /// @return the factor
    public int hiddenFactor() {
        return hiddenFactor;
    }
}
