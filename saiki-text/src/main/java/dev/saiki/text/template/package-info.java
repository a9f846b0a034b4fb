/// Chat templates: an interpreter for the subset of Jinja that checkpoints use to format conversations.
///
/// A template is a program in Jinja, which {@link dev.saiki.text.template.TemplateParser} parses and
/// {@link dev.saiki.text.template.Renderer} runs on values of this package: it has no access to anything else, and
/// its work is bounded.
package dev.saiki.text.template;
