/// Commands of a server: serve and audit.
package dev.saiki.cli.serving;
