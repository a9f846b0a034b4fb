/// Conversations as what a model continues: their turns, written down and encoded.
///
/// A {@link dev.saiki.text.chat.ChatEncoder} writes turns down in one of three formats, the checkpoint's own chat
/// template among them, and says what ends an answer. The server and the adapters of other libraries share it.
package dev.saiki.text.chat;
