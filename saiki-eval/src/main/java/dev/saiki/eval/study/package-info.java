/// Studies: grids of trainings and evaluations from one plan, with statistics, fits and a summary.
@org.jspecify.annotations.NullMarked
package dev.saiki.eval.study;
