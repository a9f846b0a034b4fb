/// Models while they are served: how one takes the place of another, and what is done about load.
///
/// A request that has begun with a {@link dev.saiki.server.deployment.ModelDeployment} ends with it,
/// whatever the {@link dev.saiki.server.deployment.ModelRegistry} loads meanwhile.
/// {@link dev.saiki.server.deployment.LoadShedder} takes depth from new requests while many wait.
/// {@link dev.saiki.server.deployment.Rescorer} scores some answers again at full depth when nobody waits.
package dev.saiki.server.deployment;
