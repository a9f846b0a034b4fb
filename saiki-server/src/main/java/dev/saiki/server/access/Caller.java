package dev.saiki.server.access;

import dev.saiki.http.ApiException;
import dev.saiki.http.key.ApiKey;
import dev.saiki.http.key.Role;
import java.util.Optional;

/// The client of a request, identified by its key.
///
/// @param key the key sent with the request; empty if the server has no keys, or if the path needs none; the
///     caller may then do everything
public record Caller(Optional<ApiKey> key) {

    /// The caller of a request for which no key is needed.
    public static final Caller ANYONE = new Caller(Optional.empty());

    /// The caller's name for logs and the audit.
    public Optional<String> subject() {
        return key.map(ApiKey::name);
    }

    /// Whether the caller may call a path that requires a right.
    public boolean may(Access access) {
        return key.map(ApiKey::role)
                .map(role -> switch (access) {
                    case ANYONE -> true;
                    case WORK -> role != Role.AUDITOR;
                    case OPERATE -> role == Role.OPERATOR;
                })
                .orElse(true);
    }

    /// Rejects a caller that may not call a path.
    ///
    /// @throws ApiException with status 403
    void require(Access access) {
        if (!may(access)) {
            throw key.orElseThrow().forbidden(access == Access.OPERATE ? "operator" : "user or operator");
        }
    }

    /// Whether the caller may read the audit records of other callers.
    public boolean seesAllRecords() {
        return key.map(ApiKey::role).map(role -> role == Role.AUDITOR).orElse(true);
    }
}
