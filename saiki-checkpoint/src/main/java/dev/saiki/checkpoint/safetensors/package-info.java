/// The safetensors format, read in place ({@link dev.saiki.checkpoint.safetensors.SafetensorsFile}) and written
/// ({@link dev.saiki.checkpoint.safetensors.SafetensorsWriter}).
package dev.saiki.checkpoint.safetensors;
