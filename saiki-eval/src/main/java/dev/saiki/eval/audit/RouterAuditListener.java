package dev.saiki.eval.audit;

/// A listener to the progress of an audit.
public interface RouterAuditListener {

    /// Hears nothing.
    RouterAuditListener NONE = new RouterAuditListener() {
        @Override
        public void onRouted(int windows, int total) {}

        @Override
        public void onIntervened(int interventions, int total) {}
    };

    /// Windows have been routed.
    ///
    /// @param windows how many so far
    /// @param total how many there are
    void onRouted(int windows, int total);

    /// Interventions have been made.
    ///
    /// @param interventions how many so far
    /// @param total how many there are
    void onIntervened(int interventions, int total);
}
