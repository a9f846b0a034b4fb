package dev.saiki.checkpoint.config;

/// The activation function of the gate in a feed-forward network. Both are x times the sigmoid of a polynomial of x.
public enum Activation {

    /// SiLU: x · sigmoid(x).
    SILU("hidden_act", "silu"),

    /// The tanh approximation of GELU: ½ x (1 + tanh u) = x · sigmoid(2u) with u = √(2 / π) · (x + 0.044715 x³)
    /// (Hendrycks and Gimpel, arXiv:1606.08415).
    GELU("hidden_activation", "gelu_pytorch_tanh");

    private final String key;
    private final String value;

    Activation(String key, String value) {
        this.key = key;
        this.value = value;
    }

    /// The key of the function in a configuration.
    String key() {
        return key;
    }

    /// The name of the function in a configuration.
    String value() {
        return value;
    }
}
