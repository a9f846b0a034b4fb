/// Conversations: their turns, formatted as text and encoded for a model to continue.
///
/// A {@link dev.saiki.text.chat.ChatEncoder} writes turns in one of three formats, one of them the checkpoint's
/// own chat template, and determines what ends an answer. The server and the adapters for other libraries share
/// this encoder.
package dev.saiki.text.chat;
