/// Studies: grids of trainings and evaluations from one plan, with statistics, fits and a summary.
package dev.saiki.study;
