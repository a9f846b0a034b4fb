package dev.saiki.server.deployment;

import dev.saiki.engine.Engine;
import dev.saiki.server.http.ApiException;
import java.time.Instant;

/// The model of a server, under the name that requests call it by.
///
/// @param name as in `"model": "…"`
/// @param engine what writes
/// @param since when the server opened it
/// @param shedder takes depth from requests while many wait
/// @param rescorer scores a part of the answers again
public record ServedModel(String name, Engine engine, Instant since, LoadShedder shedder, Rescorer rescorer) {

    /// Checks the name in a request. A request without one gets the model there is.
    ///
    /// @throws ApiException if there is no such model
    public void requireName(String asked) {
        if (!asked.equals(name)) {
            throw ApiException.unknownModel(asked, name);
        }
    }
}
