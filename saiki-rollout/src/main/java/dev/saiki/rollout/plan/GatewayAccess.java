package dev.saiki.rollout.plan;

import dev.saiki.http.key.ApiKeys;
import dev.saiki.http.server.ListenOptions;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// The access to a gateway: its address, forwarded routes, API keys and rights.
///
/// @param listen the address
/// @param routes the routes forwarded to a model
/// @param keys the API keys; empty if no key is required, so that every caller has all rights
/// @param mayAbort names of the keys that may abort and pause
/// @param mayPromote names of the keys that may promote and resume
/// @param keepsTexts whether the requests and answers of pairs are stored, in addition to their differences
/// @param retention the retention of pairs in the database
public record GatewayAccess(
        ListenOptions listen,
        List<ForwardedRoute> routes,
        Optional<ApiKeys> keys,
        Set<String> mayAbort,
        Set<String> mayPromote,
        boolean keepsTexts,
        PairRetention retention) {

    /// Copies the collections.
    public GatewayAccess {
        routes = List.copyOf(routes);
        mayAbort = Set.copyOf(mayAbort);
        mayPromote = Set.copyOf(mayPromote);
    }
}
