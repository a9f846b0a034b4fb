package dev.saiki.server.settings;

import dev.saiki.http.key.ApiKeys;
import dev.saiki.http.origin.AllowedOrigins;
import java.util.Optional;

/// The options of access to a server.
///
/// @param apiKeys those who have a key; empty for everyone
/// @param allowedOrigins the pages of other sites that may, in a browser
/// @param sharedLimits where several servers count together what keys ask for; empty if this one counts alone
public record AccessOptions(
        Optional<ApiKeys> apiKeys, AllowedOrigins allowedOrigins, Optional<SharedLimits> sharedLimits) {}
