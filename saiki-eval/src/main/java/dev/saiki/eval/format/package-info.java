/// Numbers and tables as text for people, on a terminal and in Markdown.
package dev.saiki.eval.format;
