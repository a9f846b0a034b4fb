/// The provenance of a checkpoint beyond its training: the model elsewhere that it was made of, and what it was
/// compared with.
package dev.saiki.checkpoint.provenance;
