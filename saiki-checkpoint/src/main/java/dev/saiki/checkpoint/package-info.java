/// A model at rest: its configuration ({@link dev.saiki.checkpoint.ModelConfig}), the names and shapes of its tensors
/// ({@link dev.saiki.checkpoint.ParameterNames}), the files that hold them
/// ({@link dev.saiki.checkpoint.SafetensorsFile}) and the folder that holds the files
/// ({@link dev.saiki.checkpoint.CheckpointDirectory}). Nothing here computes with a model.
package dev.saiki.checkpoint;
