package dev.saiki.rollout.proxy;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// The tenant labels of metrics. Each label costs memory, so only the first tenants get their own.
///
/// Thread-safe.
final class TenantLabels {

    static final int MAX_TENANTS = 100;
    static final String OTHERS = "other";
    static final String NOBODY = "none";

    private final Set<String> named = ConcurrentHashMap.newKeySet();

    /// The label of a tenant.
    ///
    /// @param tenant name of an API key; empty if keys are off
    String of(String tenant) {
        if (tenant.isEmpty()) {
            return NOBODY;
        }
        if (named.contains(tenant)) {
            return tenant;
        }
        synchronized (this) {
            if (named.size() >= MAX_TENANTS) {
                return OTHERS;
            }
            named.add(tenant);
        }
        return tenant;
    }
}
