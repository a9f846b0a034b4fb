/// Served models: their replacement at run time, and their behaviour under load.
///
/// A request that started with a {@link dev.saiki.server.deployment.ModelDeployment} ends with it, whatever the
/// {@link dev.saiki.server.deployment.ModelRegistry} loads meanwhile.
/// {@link dev.saiki.server.deployment.LoadShedder} lowers the depth of new requests under load.
/// {@link dev.saiki.server.deployment.Rescorer} scores some answers again at full depth in idle time.
package dev.saiki.server.deployment;
