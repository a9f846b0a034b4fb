/// Who may ask for what: routes, callers and their limits.
package dev.saiki.server.access;
