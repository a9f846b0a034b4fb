/// From logits to the next token: {@link dev.saiki.engine.Sampler} draws it as
/// {@link dev.saiki.engine.SamplingSettings} say.
package dev.saiki.engine;
