package dev.saiki.rollout.proxy;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// The names by which series of metrics tell tenants apart: each series costs memory here and wherever it is kept, so
/// that only so many tenants have one of their own, those that come first.
///
/// Safe for any number of threads.
final class TenantLabels {

    static final int MOST = 100;
    static final String OTHERS = "other";
    static final String NOBODY = "none";

    private final Set<String> named = ConcurrentHashMap.newKeySet();

    /// The name of a tenant's series.
    ///
    /// @param tenant name of a key; empty if keys are off
    String of(String tenant) {
        if (tenant.isEmpty()) {
            return NOBODY;
        }
        if (named.contains(tenant)) {
            return tenant;
        }
        synchronized (this) {
            if (named.size() >= MOST) {
                return OTHERS;
            }
            named.add(tenant);
        }
        return tenant;
    }
}
