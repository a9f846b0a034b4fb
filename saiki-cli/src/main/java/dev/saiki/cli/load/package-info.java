/// Load for a server: requests that arrive on a schedule, independent of earlier answers, and their outcomes.
package dev.saiki.cli.load;
