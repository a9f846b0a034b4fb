/// What a model continues: texts, conversations, and the templates and functions in them.
package dev.saiki.server.prompt;
