/// The router audit: what a learned router does, what its decisions cause, and whether they earn their
/// keep.
///
/// {@link dev.saiki.model.routing.DepthOverrides} let single tokens take depths that the router did not
/// choose, and a {@link dev.saiki.model.TracedSequence} tells what it thought.
/// {@link dev.saiki.eval.audit.RoutingExperiment} asks the model;
/// {@link dev.saiki.eval.audit.GainAnalysis}, {@link dev.saiki.eval.audit.CalibrationCurves} and
/// {@link dev.saiki.eval.audit.DepthTables} turn the answers into a
/// {@link dev.saiki.eval.audit.RouterAudit}, which {@link dev.saiki.eval.audit.RouterAuditSummary} puts
/// into words. A {@link dev.saiki.eval.audit.ProbeTask} makes problems of known difficulty.
package dev.saiki.eval.audit;
