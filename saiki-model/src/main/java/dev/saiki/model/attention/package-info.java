/// Causal self-attention over the tokens that are active at a recursion step: rotary positions, grouped heads, and the
/// four ways of keeping keys and values (recursion-wise, shared from the first recursion, hybrid, completed).
package dev.saiki.model.attention;
