/// The results of a study as they stand in `study.json`: {@link dev.saiki.study.results.StudyResults} is the whole,
/// {@link dev.saiki.study.results.StudyResultsFile} reads and writes it.
package dev.saiki.study.results;
