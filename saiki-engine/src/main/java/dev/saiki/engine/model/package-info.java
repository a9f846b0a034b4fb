/// The recursive transformer as the engine runs it: weights read from a checkpoint, layers over rows of many
/// sequences, and routers that need one token at a time.
@org.jspecify.annotations.NullMarked
package dev.saiki.engine.model;
