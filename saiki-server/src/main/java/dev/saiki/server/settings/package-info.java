/// What can be chosen about a server.
package dev.saiki.server.settings;
