package dev.saiki.eval.audit;

/// Hears how far an audit has come.
public interface AuditListener {

    /// Hears nothing.
    AuditListener NONE = new AuditListener() {
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
