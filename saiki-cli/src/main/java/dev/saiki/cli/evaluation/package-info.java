/// Commands that judge models: eval, tradeoff, audit-router, study, pilot, report.
package dev.saiki.cli.evaluation;
