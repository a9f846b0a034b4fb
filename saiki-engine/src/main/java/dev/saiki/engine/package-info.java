/// The engine: {@link dev.saiki.engine.Engine} takes requests and hands them, on the one thread that owns the
/// model, to the {@link dev.saiki.engine.Scheduler}, which runs stage after stage for chunks of many sequences.
///
/// {@link dev.saiki.engine.RouterBreaker} watches what routers choose:
/// {@link dev.saiki.engine.DepthWindow} holds the newest tokens' depths against
/// {@link dev.saiki.engine.reference.ExpectedDepths}, which are what validation measured when the checkpoint was
/// trained. When a router cannot be trusted, it is still asked and its choices are noted, and every token
/// takes the reference depth. Only an engine with {@link dev.saiki.engine.settings.BreakerOptions} does this;
/// without them what a request gets depends on nothing but the request, and a router that computes no
/// number fails it.
package dev.saiki.engine;
