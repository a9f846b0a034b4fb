/// Load for a server: requests that arrive when they do, not when the one before is done, and what became of
/// them.
package dev.saiki.cli.load;
