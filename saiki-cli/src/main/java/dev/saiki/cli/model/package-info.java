/// Commands that describe, score and generate with one model, and the options by which a command opens one.
package dev.saiki.cli.model;
