/// The HTTP server: Helidon behind {@link dev.saiki.http.Exchange}.
///
/// While an answer is produced, {@link dev.saiki.http.server.ClientConnection} reads ahead, because a socket
/// reports a disconnect only to its readers; it keeps the bytes for the next request.
/// {@link dev.saiki.http.server.ClientConnections} closes connections whose clients read nothing, or never finish
/// a request or a TLS handshake.
package dev.saiki.http.server;
