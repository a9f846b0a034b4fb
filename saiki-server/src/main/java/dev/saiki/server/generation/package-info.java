/// Calls that make the engine write, from what was asked to how it ended.
package dev.saiki.server.generation;
