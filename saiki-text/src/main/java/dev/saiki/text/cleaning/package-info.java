/// The cleaning of a corpus before encoding: filters, and the removal of exact duplicates and near-duplicates.
///
/// Everything here processes one document, or one group of documents in order, so that a program on a single
/// machine ({@link dev.saiki.text.cleaning.CleanedCorpus}) and a program on a cluster remove the same documents.
package dev.saiki.text.cleaning;
