/// The engine: {@link dev.saiki.engine.Engine} takes requests and passes them to the
/// {@link dev.saiki.engine.Scheduler}. On the one thread that owns the model, the scheduler runs stage after stage
/// for chunks of many sequences.
///
/// {@link dev.saiki.engine.RouterBreaker} monitors the choices of routers: {@link dev.saiki.engine.DepthWindow}
/// compares the depths of the latest tokens with {@link dev.saiki.engine.reference.ExpectedDepths}, which
/// validation measured when the checkpoint was trained. A router that cannot be trusted is still evaluated and its
/// choices are recorded, but every token takes the reference depth. Only an engine with
/// {@link dev.saiki.engine.settings.BreakerOptions} does this; without them the result of a request depends on the
/// request alone, and a non-finite router score fails it.
package dev.saiki.engine;
