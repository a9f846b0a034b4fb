package dev.saiki.rollout.plan;

import dev.saiki.http.key.ApiKeys;
import dev.saiki.http.server.ListenOptions;
import java.util.Optional;
import java.util.Set;

/// The access to a gateway: its address, API keys and rights.
///
/// @param listen the address
/// @param keys that open it; empty if it is open to everyone, who may then do everything
/// @param mayAbort names of the keys that may abort and pause
/// @param mayPromote names of the keys that may promote and resume
/// @param keepsTexts whether requests and answers of pairs are kept, and not their differences alone
/// @param retention by which pairs leave the database
public record GatewayAccess(
        ListenOptions listen,
        Optional<ApiKeys> keys,
        Set<String> mayAbort,
        Set<String> mayPromote,
        boolean keepsTexts,
        PairRetention retention) {

    /// Keeps the names.
    public GatewayAccess {
        mayAbort = Set.copyOf(mayAbort);
        mayPromote = Set.copyOf(mayPromote);
    }
}
