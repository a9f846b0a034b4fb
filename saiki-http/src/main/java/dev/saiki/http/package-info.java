/// HTTP without a server: exchanges, JSON bodies, errors and event streams.
package dev.saiki.http;
