/// Calls that generate text, from the parsed request to the end of the answers.
///
/// {@link dev.saiki.server.generation.GenerationEndpoint} reads a call, starts it, and passes each of its events
/// to a renderer and to {@link dev.saiki.server.generation.GenerationRecorder}, which derives usage, metrics, the
/// audit record and the trace from them. {@link dev.saiki.server.generation.ActiveCall} submits all answers to the
/// engine, or none.
package dev.saiki.server.generation;
