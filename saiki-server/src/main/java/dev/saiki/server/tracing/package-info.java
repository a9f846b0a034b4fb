/// Telling a collector of traces what happened to requests.
package dev.saiki.server.tracing;
