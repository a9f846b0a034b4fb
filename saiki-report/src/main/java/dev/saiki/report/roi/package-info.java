/// What a change of models costs and saves: a plan of volumes, prices, people and steps, its costs by
/// month, and what has to be true for it to pay ({@link dev.saiki.report.roi.RoiAnalysis}).
package dev.saiki.report.roi;
