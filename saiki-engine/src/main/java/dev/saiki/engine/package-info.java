/// The engine: {@link dev.saiki.engine.Engine} takes requests and passes them to the
/// {@link dev.saiki.engine.Scheduler}, which runs stage after stage for chunks of many sequences, on the one
/// thread that owns the model.
///
/// {@link dev.saiki.engine.RouterBreaker} monitors the router: {@link dev.saiki.engine.DepthWindow} compares the
/// depths of the latest tokens with the depths to be expected from training ({@link
/// dev.saiki.engine.reference.ExpectedDepths}). While the router is not trusted, it is still evaluated and its
/// choices are recorded, but every token takes the reference depth. Overruling requires {@link
/// dev.saiki.engine.settings.BreakerOptions}; without these options the result of a request depends on the request
/// alone, and a non-finite router score fails it.
package dev.saiki.engine;
