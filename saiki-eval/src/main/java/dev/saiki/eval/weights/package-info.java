/// The comparison of number formats for a model's weights.
@org.jspecify.annotations.NullMarked
package dev.saiki.eval.weights;
