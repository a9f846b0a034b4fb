/// Requests and answers as bytes: HTTP exchanges, JSON bodies, errors, event streams.
package dev.saiki.server.http;
