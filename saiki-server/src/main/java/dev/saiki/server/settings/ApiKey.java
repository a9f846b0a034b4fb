package dev.saiki.server.settings;

import java.util.OptionalLong;

/// A key that opens the server, without the key itself.
///
/// @param name whose it is, in logs and in the audit; keys may share one
/// @param role what it is for
/// @param requestsAMinute most requests that make the engine work, if there is a bound
/// @param tokensAMinute most tokens of prompts and answers, if there is a bound
public record ApiKey(String name, Role role, OptionalLong requestsAMinute, OptionalLong tokensAMinute) {}
