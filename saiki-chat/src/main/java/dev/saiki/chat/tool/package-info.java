/// Tools that a model may call, and the JSON of its calls.
package dev.saiki.chat.tool;
