/// Measurements of chat models on conversations: the loss on reference answers, and the models' own answers
/// ({@link dev.saiki.eval.chat.ChatMeter}).
package dev.saiki.eval.chat;
