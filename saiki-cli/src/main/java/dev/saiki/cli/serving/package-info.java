/// Commands of a server: serve and keys.
package dev.saiki.cli.serving;
