/// The provenance of a checkpoint beyond its training: its source model, comparisons, calibrations and certificates.
package dev.saiki.checkpoint.provenance;
