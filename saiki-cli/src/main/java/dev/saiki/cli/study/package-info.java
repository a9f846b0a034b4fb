/// Commands that run and report experiments.
package dev.saiki.cli.study;
