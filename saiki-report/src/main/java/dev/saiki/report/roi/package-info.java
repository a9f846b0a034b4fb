/// The costs and savings of a change of models: a plan of volumes, prices, people and steps, its costs by month,
/// and the conditions under which it pays off ({@link dev.saiki.report.roi.RoiAnalysis}).
package dev.saiki.report.roi;
