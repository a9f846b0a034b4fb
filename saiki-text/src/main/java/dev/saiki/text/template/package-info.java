/// Chat templates: an interpreter for the subset of Jinja that checkpoints use to format conversations.
///
/// A template is a program in Jinja, which {@link dev.saiki.text.template.TemplateParser} reads and
/// {@link dev.saiki.text.template.Renderer} runs on values that are made for it: it can reach nothing else,
/// and what it does is bounded.
package dev.saiki.text.template;
