package dev.saiki.server.deployment;

import dev.saiki.http.ApiException;
import dev.saiki.io.InputException;
import java.util.Optional;

/// A model of a server: one that can be reloaded, or one with an adapter.
public sealed interface ServedModel extends AutoCloseable permits ModelRegistry, AdaptedModel {

    /// Who looks at it.
    ModelMonitors monitors();

    /// What requests call it.
    default String name() {
        return monitors().model();
    }

    /// What new requests go to.
    ModelDeployment current();

    /// Begins a request.
    ///
    /// @return its deployment, which must be left
    /// @throws ApiException if the server has ended
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
    /// @param folder the name of a folder beside the first one; empty to load the first one again
    /// @return what is served now
    /// @throws InputException if it cannot be served; the old one is then still served
    ModelDeployment load(Optional<String> folder);

    /// Serves what was served before.
    ///
    /// @return what is served now
    /// @throws InputException if there is none
    ModelDeployment rollBack();

    @Override
    void close();
}
