/// The cleaning of a corpus before encoding: filters, exact duplicates and near-duplicates.
///
/// Everything here looks at one document, or at one group of documents in order, so that a program on one
/// machine ({@link dev.saiki.text.cleaning.CleanedCorpus}) and one on a cluster leave out the same documents.
package dev.saiki.text.cleaning;
