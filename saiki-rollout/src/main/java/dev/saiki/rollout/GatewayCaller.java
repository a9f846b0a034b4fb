package dev.saiki.rollout;

import dev.saiki.http.ApiException;
import dev.saiki.http.Exchange;
import dev.saiki.http.key.ApiKey;
import dev.saiki.http.key.Role;
import dev.saiki.rollout.plan.GatewayAccess;
import dev.saiki.rollout.plan.GatewayPlan;
import java.util.Optional;
import java.util.Set;

/// The client of a request, identified by its API key.
///
/// @param access rights and keys
/// @param key the request's API key; empty if the gateway requires no keys, so that every caller has all
///     rights
record GatewayCaller(GatewayAccess access, Optional<ApiKey> key) {

    /// Identifies the caller of a request.
    ///
    /// @throws ApiException with status 401 if the gateway requires keys and the request has no valid key
    static GatewayCaller of(Exchange exchange, GatewayAccess access) {
        return new GatewayCaller(access, access.keys().map(keys -> keys.require(exchange)));
    }

    /// The key's name, as recorded in decisions and pairs.
    String name() {
        return key.map(ApiKey::name).orElse("");
    }

    private boolean is(Role role) {
        return key.map(ApiKey::role).map(own -> own == role).orElse(true);
    }

    /// Rejects a caller that may not query a model.
    void requireWork() {
        require(key.isEmpty() || !is(Role.AUDITOR), "user or operator");
    }

    /// Rejects a caller that may not view and control the rollout.
    void requireOperator() {
        require(is(Role.OPERATOR), "operator");
    }

    /// Rejects a caller that may not name the side that answers.
    void requireForce() {
        if (!is(Role.OPERATOR)) {
            throw ApiException.forbidden("the header " + GatewayPlan.FORCE_HEADER
                    + " needs an API key with the role operator; without the header, the rollout chooses the side");
        }
    }

    private void require(boolean isAllowed, String needed) {
        if (!isAllowed) {
            throw key.orElseThrow().forbidden(needed);
        }
    }

    /// Whether the caller may see the pairs of other tenants.
    boolean seesAll() {
        return is(Role.OPERATOR) || is(Role.AUDITOR);
    }

    /// Rejects a caller that may not see the pairs of other tenants.
    void requireSight() {
        require(seesAll(), "operator or auditor");
    }

    /// Rejects a caller that may not abort and pause.
    void requireAbort() {
        require("abort", access.mayAbort());
    }

    /// Rejects a caller that may not promote and resume.
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
