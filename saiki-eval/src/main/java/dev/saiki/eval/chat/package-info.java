/// Measurements of chat models on conversations: the loss on answers, and answers of their own ({@link
/// dev.saiki.eval.chat.ChatMeter}).
package dev.saiki.eval.chat;
