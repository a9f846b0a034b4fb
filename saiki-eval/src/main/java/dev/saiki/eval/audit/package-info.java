/// The router audit: the decisions of a learned router, their effects, and whether they pay off.
///
/// {@link dev.saiki.model.routing.DepthOverrides} force single tokens to depths that the router did not choose,
/// and a {@link dev.saiki.model.TracedSequence} records the router's decisions.
/// {@link dev.saiki.eval.audit.RoutingExperiment} runs the model; {@link dev.saiki.eval.audit.GainAnalysis},
/// {@link dev.saiki.eval.audit.CalibrationCurves} and {@link dev.saiki.eval.audit.DepthTables} turn the results
/// into a {@link dev.saiki.eval.audit.RouterAudit}.
package dev.saiki.eval.audit;
