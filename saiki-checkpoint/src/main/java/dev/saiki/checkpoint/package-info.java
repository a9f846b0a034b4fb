/// A stored model: its folder ({@link dev.saiki.checkpoint.CheckpointDirectory}) and its origin ({@link
/// dev.saiki.checkpoint.Manifest}). Nothing here computes with a model.
package dev.saiki.checkpoint;
