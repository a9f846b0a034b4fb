/// Anthropic's `/v1/messages`: its requests, its answers and its errors.
///
/// A request becomes the same call as in OpenAI's protocols, with the same fields for sampling and depth.
package dev.saiki.server.anthropic.messages;
