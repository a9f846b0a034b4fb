/// From logits to text: {@link dev.saiki.engine.sampling.Sampler} draws a token as
/// {@link dev.saiki.engine.sampling.DecodingSettings} say.
///
/// The random number of a draw is a hash of seed and position.
/// {@link dev.saiki.engine.sampling.StopMatcher} holds back what might become a stop text.
@org.jspecify.annotations.NullMarked
package dev.saiki.engine.sampling;
