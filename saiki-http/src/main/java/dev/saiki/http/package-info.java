/// HTTP as bytes: exchanges, JSON bodies, errors and event streams, without a server.
package dev.saiki.http;
