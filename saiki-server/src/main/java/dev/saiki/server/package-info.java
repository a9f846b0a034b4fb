/// A server: the engine behind HTTP.
///
/// While an answer is made, {@link dev.saiki.server.ClientConnection} reads ahead, for a socket tells only
/// those who read that its peer has left; it keeps what comes for the next request.
/// {@link dev.saiki.server.ClientConnections} closes connections whose clients take nothing, or never
/// finish a request or a TLS handshake.
package dev.saiki.server;
