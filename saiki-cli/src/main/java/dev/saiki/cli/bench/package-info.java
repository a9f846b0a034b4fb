/// Commands that measure speed.
package dev.saiki.cli.bench;
