/// The provenance of a checkpoint beyond its training: the model elsewhere that it was made of, what it was
/// compared with, and how its thresholds were changed.
package dev.saiki.checkpoint.provenance;
