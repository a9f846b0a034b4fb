/// The plan of a study, read from YAML: families, sizes, budgets and seeds to train, and evaluations to measure.
package dev.saiki.study.plan;
