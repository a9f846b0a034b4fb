/// A server: the engine behind HTTP.
package dev.saiki.server;
