package dev.saiki.rollout;

import dev.saiki.http.ApiException;
import dev.saiki.http.Exchange;
import dev.saiki.http.key.ApiKey;
import dev.saiki.http.key.Role;
import dev.saiki.rollout.plan.GatewayAccess;
import java.util.Optional;
import java.util.Set;

/// The client of a request, identified by its API key.
///
/// @param access the rights there are
/// @param key that it came with; empty if keys are off, and everyone may do everything
record Caller(GatewayAccess access, Optional<ApiKey> key) {

    /// Finds out who makes a request.
    ///
    /// @throws ApiException with status 401 if keys are on, and the request has none of them
    static Caller of(Exchange exchange, GatewayAccess access) {
        return new Caller(access, access.keys().map(keys -> keys.require(exchange)));
    }

    /// Its name in decisions and pairs.
    String name() {
        return key.map(ApiKey::name).orElse("");
    }

    private boolean is(Role role) {
        return key.map(ApiKey::role).map(own -> own == role).orElse(true);
    }

    /// Refuses one that may not ask a model.
    void requireWork() {
        if (key.isPresent() && is(Role.AUDITOR)) {
            throw ApiException.forbidden("the role of this API key does not allow this path");
        }
    }

    /// Refuses one that may not watch and steer.
    void requireOperator() {
        if (!is(Role.OPERATOR)) {
            throw ApiException.forbidden("the role of this API key does not allow this path");
        }
    }

    /// Whether it sees the pairs of others.
    boolean seesAll() {
        return is(Role.OPERATOR) || is(Role.AUDITOR);
    }

    /// Refuses one that does not see the pairs of others.
    void requireSight() {
        if (!seesAll()) {
            throw ApiException.forbidden("the role of this API key does not allow this path");
        }
    }

    /// Refuses one that may not abort and pause.
    void requireAbort() {
        require("abort", access.mayAbort());
    }

    /// Refuses one that may not promote and resume.
    void requirePromote() {
        require("promote", access.mayPromote());
    }

    private void require(String right, Set<String> names) {
        if (key.isPresent() && !names.contains(name())) {
            throw ApiException.forbidden(
                    "this API key may not " + right + ": the plan's access.may_" + right + " does not name " + name());
        }
    }
}
