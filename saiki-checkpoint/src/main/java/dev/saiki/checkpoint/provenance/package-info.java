/// The provenance of a checkpoint apart from its training: its source model, comparisons, calibrations and
/// certificates.
package dev.saiki.checkpoint.provenance;
