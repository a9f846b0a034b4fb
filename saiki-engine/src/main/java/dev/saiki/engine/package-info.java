/// From logits to the next token: {@link dev.saiki.engine.Sampler} draws it as
/// {@link dev.saiki.engine.SamplingSettings} say.
///
/// {@link dev.saiki.engine.Sampler} draws with a random number that is a hash of seed and position;
/// {@link dev.saiki.engine.StopMatcher} holds back what might become a stop text.
/// {@link dev.saiki.engine.RouterBreaker} watches what routers choose:
/// {@link dev.saiki.engine.RouterWindow} holds the newest tokens' depths against a
/// {@link dev.saiki.engine.DepthReference}, which is what validation measured when the checkpoint was
/// trained. When a router cannot be trusted, it is still asked and its choices are noted, and every token
/// takes all recursions. Only an engine with {@link dev.saiki.engine.settings.BreakerOptions} does this;
/// without them what a request gets depends on nothing but the request, and a router that computes no
/// number fails it.
package dev.saiki.engine;
