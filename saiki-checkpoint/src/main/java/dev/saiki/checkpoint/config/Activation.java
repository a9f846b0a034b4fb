package dev.saiki.checkpoint.config;

/// The activation function in a feed-forward network. Both are x times the sigmoid of a polynomial of x.
public enum Activation {

    /// SiLU: x · sigmoid(x).
    SILU("silu"),

    /// The tanh approximation of GELU: ½ x (1 + tanh u) = x · sigmoid(2u) with u = √(2 / π) · (x + 0.044715 x³)
    /// (Hendrycks and Gimpel, arXiv:1606.08415).
    GELU("gelu_pytorch_tanh");

    private final String value;

    Activation(String value) {
        this.value = value;
    }

    /// The name of the function in a configuration.
    String value() {
        return value;
    }
}
