/// Commands that judge models: eval, tradeoff, audit-router, calibrate, study, pilot, report.
package dev.saiki.cli.evaluation;
