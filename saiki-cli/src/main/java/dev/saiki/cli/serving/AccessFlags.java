package dev.saiki.cli.serving;

import dev.saiki.http.key.ApiKeys;
import dev.saiki.http.origin.AllowedOrigins;
import dev.saiki.io.InputException;
import dev.saiki.server.settings.ReloadOptions;
import dev.saiki.server.settings.ServerOptions;
import dev.saiki.server.settings.SharedLimits;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// The options for access to a server: keys, origins and administration.
final class AccessFlags {

    @Option(names = "--api-keys", paramLabel = "FILE")
    private @Nullable Path apiKeys;

    @Option(names = "--shared-limits", paramLabel = "URL")
    private @Nullable String sharedLimits;

    @Option(names = "--allowed-origins", paramLabel = "ORIGIN", split = ",")
    private List<String> allowedOrigins = List.of();

    @Option(names = "--admin")
    private boolean admin;

    /// Adds the options of the command line.
    ///
    /// @param model the folder of the model that the server starts with
    /// @param certified whether every checkpoint needs an effort certificate
    void addTo(ServerOptions.Builder options, Path model, boolean certified) throws IOException {
        options.reload(new ReloadOptions(model, admin, certified)).allowedOrigins(AllowedOrigins.of(allowedOrigins));
        keys().ifPresent(options::apiKeys);
        if (sharedLimits != null) {
            if (apiKeys == null) {
                throw new InputException("--shared-limits needs --api-keys: only keys have rate limits");
            }
            options.sharedLimits(new SharedLimits(sharedLimits));
        }
    }

    /// Reads the current keys from the file.
    ///
    /// @return empty if no key is required
    Optional<ApiKeys> keys() throws IOException {
        return apiKeys == null ? Optional.empty() : Optional.of(ApiKeys.read(apiKeys));
    }

    /// Whether the model may be replaced over HTTP.
    boolean admin() {
        return admin;
    }
}
