package dev.saiki.server.settings;

import java.util.Optional;

/// The choices about who may ask a server.
///
/// @param apiKeys those who have a key; empty for everyone
/// @param allowedOrigins the pages of other sites that may, in a browser
public record AccessOptions(Optional<ApiKeys> apiKeys, AllowedOrigins allowedOrigins) {}
