/// `/v1/embeddings`: its requests and its answers.
package dev.saiki.server.openai.embeddings;
