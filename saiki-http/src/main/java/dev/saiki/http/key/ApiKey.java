package dev.saiki.http.key;

import dev.saiki.http.ApiException;
import dev.saiki.io.InputException;
import java.util.Locale;
import java.util.OptionalLong;

/// The holder of an API key: name, role and rate limits, but not the key itself.
///
/// @param name the name of the holder, in logs and in the audit; several keys may have the same name
/// @param role the role of the holder
/// @param requestsAMinute limit on requests, if any
/// @param tokensAMinute limit on tokens of prompts and answers, if any
public record ApiKey(String name, Role role, OptionalLong requestsAMinute, OptionalLong tokensAMinute) {

    /// The highest limit.
    public static final long MAX_PER_MINUTE = 999_999_999_999L;

    /// Checks the bounds.
    ///
    /// @throws InputException if a limit is not from 1 to {@value #MAX_PER_MINUTE}
    public ApiKey {
        requireBound("requests", requestsAMinute);
        requireBound("tokens", tokensAMinute);
    }

    /// Creates the error for a path that the key's role does not allow.
    ///
    /// @param needed the role or roles that allow the path
    /// @return an error with status 403
    public ApiException forbidden(String needed) {
        return ApiException.forbidden("this path needs an API key with the role " + needed + "; this key's role is "
                + role.name().toLowerCase(Locale.ROOT));
    }

    private static void requireBound(String of, OptionalLong most) {
        most.ifPresent(
                bound -> InputException.requireBetween("an API key: " + of + " a minute", bound, 1, MAX_PER_MINUTE));
    }
}
