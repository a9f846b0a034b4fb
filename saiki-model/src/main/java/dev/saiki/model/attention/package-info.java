/// Causal self-attention over the active tokens of a recursion step: rotary positions, grouped heads, and four
/// kinds of key-value sharing (recursion-wise, shared, hybrid, completed).
package dev.saiki.model.attention;
