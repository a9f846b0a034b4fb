/// What the server can be asked for.
package dev.saiki.server.api;
