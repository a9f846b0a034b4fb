package dev.saiki.server.api;

import dev.saiki.server.settings.ApiKey;
import dev.saiki.server.settings.Role;
import java.util.Optional;

/// Who makes a request.
///
/// @param key the key that came with it; empty if keys are off, and everyone may do everything
record Caller(Optional<ApiKey> key) {

    /// Everyone, where keys are off.
    static final Caller ANYONE = new Caller(Optional.empty());

    /// Whose name stands in logs and the audit.
    Optional<String> subject() {
        return key.map(ApiKey::name);
    }

    /// Whether it is answered at a path.
    boolean may(Access access) {
        return key.map(ApiKey::role)
                .map(role -> switch (access) {
                    case ANYONE -> true;
                    case WORK -> role != Role.AUDITOR;
                    case OPERATE -> role == Role.OPERATOR;
                })
                .orElse(true);
    }

    /// Whether it sees the audit records of others.
    boolean seesAllRecords() {
        return key.map(ApiKey::role).map(role -> role == Role.AUDITOR).orElse(true);
    }
}
