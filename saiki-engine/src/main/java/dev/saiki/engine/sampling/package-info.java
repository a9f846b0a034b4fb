/// From logits to text: {@link dev.saiki.engine.sampling.Sampler} draws a token according to
/// {@link dev.saiki.engine.sampling.DecodingSettings}.
///
/// The random number of a draw is a hash of seed and position. {@link dev.saiki.engine.sampling.StopMatcher} holds
/// back text that may become a stop string.
@org.jspecify.annotations.NullMarked
package dev.saiki.engine.sampling;
