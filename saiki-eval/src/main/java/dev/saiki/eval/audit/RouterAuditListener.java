package dev.saiki.eval.audit;

/// A listener to the progress of an audit.
public interface RouterAuditListener {

    /// A listener that does nothing.
    RouterAuditListener NONE = new RouterAuditListener() {};

    /// Windows were routed.
    ///
    /// @param windows number of windows so far
    /// @param total the total number
    default void onRouted(int windows, int total) {}

    /// Interventions were made.
    ///
    /// @param interventions number of interventions so far
    /// @param total the total number
    default void onIntervened(int interventions, int total) {}
}
