/// Calls that make the engine write, from what was asked to how it ended.
///
/// {@link dev.saiki.server.generation.GenerationEndpoint} reads a call, starts it, and passes each of its
/// events to a renderer and to {@link dev.saiki.server.generation.GenerationRecorder}, which makes usage,
/// measurements, the record of the audit and the trace of them.
/// {@link dev.saiki.server.generation.ActiveCall} hands all answers over to the engine, or none.
package dev.saiki.server.generation;
