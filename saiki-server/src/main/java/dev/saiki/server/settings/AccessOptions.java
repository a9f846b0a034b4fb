package dev.saiki.server.settings;

import dev.saiki.http.key.ApiKeys;
import dev.saiki.http.origin.AllowedOrigins;
import java.util.Optional;

/// The options of access to a server.
///
/// @param apiKeys the accepted keys; empty for no access control
/// @param allowedOrigins the sites whose web pages may call the server from a browser
/// @param sharedLimits the database in which several servers share rate limits; empty if this server counts
///     requests on its own
public record AccessOptions(
        Optional<ApiKeys> apiKeys, AllowedOrigins allowedOrigins, Optional<SharedLimits> sharedLimits) {}
