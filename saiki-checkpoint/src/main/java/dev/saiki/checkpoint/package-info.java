/// A model at rest: the folder with its files ({@link dev.saiki.checkpoint.CheckpointDirectory}) and where it
/// comes from ({@link dev.saiki.checkpoint.Manifest}). Nothing here computes with a model.
package dev.saiki.checkpoint;
