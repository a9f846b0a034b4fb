/// The model server: OpenAI's and Anthropic's API in front of the engine.
package dev.saiki.server;
