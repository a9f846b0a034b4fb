/// Demonstrations: whole stories in one command.
package dev.saiki.cli.demo;
