/// The options of a server.
package dev.saiki.server.settings;
