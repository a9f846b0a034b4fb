/// The router audit: what a learned router does, what its decisions cause, and whether they earn their keep.
///
/// `ForcedDepths` let single tokens take depths that the router did not choose, and a `TracedSequence`
/// tells what it thought. `Measurements` ask the model; `Regrets`, `Calibrations` and `DepthTables` turn
/// the answers into a `RouterAudit`, which `RouterAuditReading` puts into words. A `ProbeTask` makes
/// problems of known difficulty.
package dev.saiki.eval.audit;
