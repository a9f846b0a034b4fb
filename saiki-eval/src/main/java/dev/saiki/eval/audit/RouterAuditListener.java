package dev.saiki.eval.audit;

/// A listener to the progress of an audit.
public interface RouterAuditListener {

    /// A listener that does nothing.
    RouterAuditListener NONE = new RouterAuditListener() {
        @Override
        public void onRouted(int windows, int total) {}

        @Override
        public void onIntervened(int interventions, int total) {}
    };

    /// Windows were routed.
    ///
    /// @param windows number of windows so far
    /// @param total the total number
    void onRouted(int windows, int total);

    /// Interventions were made.
    ///
    /// @param interventions number of interventions so far
    /// @param total the total number
    void onIntervened(int interventions, int total);
}
