/// Demonstrations, each a complete workflow in one command.
package dev.saiki.cli.demo;
