/// Served models: their replacement at run time, and their behaviour under load.
///
/// A request uses the same {@link dev.saiki.server.deployment.ModelDeployment} until it ends, even if the
/// {@link dev.saiki.server.deployment.ModelRegistry} loads another checkpoint meanwhile.
/// {@link dev.saiki.server.deployment.LoadShedder} lowers the depth of new requests under load.
/// {@link dev.saiki.server.deployment.Rescorer} scores some answers again at full depth in idle time.
/// {@link dev.saiki.server.deployment.EffortGuard} revokes a certified effort if these answers lose too much.
package dev.saiki.server.deployment;
