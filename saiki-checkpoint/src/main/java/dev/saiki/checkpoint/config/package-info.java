/// A model's configuration, {@link dev.saiki.checkpoint.config.ModelConfig}, and the properties that follow from
/// it: the {@link dev.saiki.checkpoint.config.LayerMap} and the names and shapes of tensors,
/// {@link dev.saiki.checkpoint.config.ParameterNames}.
package dev.saiki.checkpoint.config;
