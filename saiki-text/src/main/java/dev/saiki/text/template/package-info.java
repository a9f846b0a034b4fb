/// Chat templates: how a conversation becomes the text that a model continues, in the language in which
/// checkpoints say it.
///
/// A template is a program in Jinja, which {@link dev.saiki.text.template.TemplateParser} reads and
/// {@link dev.saiki.text.template.Renderer} runs on values that are made for it: it can reach nothing else,
/// and what it does is bounded.
package dev.saiki.text.template;
