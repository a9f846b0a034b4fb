/// Quality against compute: what a model loses as its tokens take fewer layers, by its own routing or by exits that
/// were added after training. {@link dev.saiki.eval.tradeoff.Tradeoff} measures it.
package dev.saiki.eval.tradeoff;
