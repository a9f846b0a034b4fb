/// `/v1/chat/completions`: its requests and its answers.
package dev.saiki.server.openai.chat;
