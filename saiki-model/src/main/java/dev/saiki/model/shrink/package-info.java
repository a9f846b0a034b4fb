/// Shrinking: tying a model's layers into a block that is applied several times.
@org.jspecify.annotations.NullMarked
package dev.saiki.model.shrink;
