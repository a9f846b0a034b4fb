/// The parts of HTTP that do not depend on the server library: exchanges, JSON bodies, errors and event streams.
package dev.saiki.http;
