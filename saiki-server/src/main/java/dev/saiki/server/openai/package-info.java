/// What OpenAI's protocols share: the fields of requests, and tokens as JSON.
package dev.saiki.server.openai;
