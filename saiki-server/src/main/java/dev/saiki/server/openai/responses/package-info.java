/// `/v1/responses`: its requests and its answers.
package dev.saiki.server.openai.responses;
