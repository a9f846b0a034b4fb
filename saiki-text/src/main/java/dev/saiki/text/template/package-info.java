/// Chat templates: how a conversation becomes the text that a model continues, in the language in which
/// checkpoints say it.
package dev.saiki.text.template;
