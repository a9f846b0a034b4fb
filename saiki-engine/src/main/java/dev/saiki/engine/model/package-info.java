/// The recursive transformer as the engine runs it: weights read from a checkpoint, layers over rows of many
/// sequences, and routers whose only input is one token.
@org.jspecify.annotations.NullMarked
package dev.saiki.engine.model;
