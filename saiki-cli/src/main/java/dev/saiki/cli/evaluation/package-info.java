/// Commands that evaluate models: eval, tradeoff, audit-router, calibrate, study, pilot, report.
package dev.saiki.cli.evaluation;
