/// Reference values from training, for monitoring a router and for replacing its choices.
@org.jspecify.annotations.NullMarked
package dev.saiki.engine.reference;
