package dev.saiki.server.deployment;

import dev.saiki.http.ApiException;
import dev.saiki.io.InputException;
import java.util.Optional;

/// A model that a server offers: either one that can be reloaded, or one with an adapter.
public sealed interface ServedModel extends AutoCloseable permits ModelRegistry, AdaptedModel {

    /// The model's name and monitors.
    ModelMonitors monitors();

    /// The model's name in requests.
    default String name() {
        return monitors().model();
    }

    /// The deployment for new requests.
    ModelDeployment current();

    /// Admits a request to the current deployment.
    ///
    /// @return the model's current deployment; {@link ModelDeployment#leave} must be called when the request ends
    /// @throws ApiException if the server has shut down
    default ModelDeployment enter() {
        while (true) {
            ModelDeployment now = current();
            if (now.enter()) {
                return now;
            }
            if (now == current()) {
                throw ApiException.ending();
            }
        }
    }

    /// Opens another checkpoint and serves it.
    ///
    /// @param folder the name of a folder beside the one that was opened first; empty to load that folder again
    /// @return the deployment that is now served
    /// @throws InputException if the checkpoint cannot be served; the old one then stays in use
    ModelDeployment load(Optional<String> folder);

    /// Serves the previous checkpoint again.
    ///
    /// @return the deployment that is now served
    /// @throws InputException if there is no previous checkpoint
    ModelDeployment rollBack();

    @Override
    void close();
}
