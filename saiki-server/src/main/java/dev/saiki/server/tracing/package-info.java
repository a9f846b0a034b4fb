/// Telling a collector of traces what happened to requests.
///
/// {@link dev.saiki.server.tracing.Traces} tells of each request that has ended, from the same entry that
/// the audit's record is made of.
package dev.saiki.server.tracing;
