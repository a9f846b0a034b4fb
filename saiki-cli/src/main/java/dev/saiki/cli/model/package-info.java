/// Commands that import, export, shrink, verify or describe a model, or generate text with it, and the options by
/// which commands open a model.
package dev.saiki.cli.model;
