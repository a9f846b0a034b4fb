/// The results of a study as stored in `study.json`: {@link dev.saiki.study.results.StudyResults} is the root,
/// {@link dev.saiki.study.results.StudyResults#FILE} reads and writes the file.
package dev.saiki.study.results;
