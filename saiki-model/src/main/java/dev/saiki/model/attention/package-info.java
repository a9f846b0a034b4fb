/// Causal self-attention over the tokens that are active at a recursion step: rotary positions, grouped heads, and the
/// three ways of keeping keys and values (recursion-wise, shared from the first recursion, hybrid).
package dev.saiki.model.attention;
