/// The common parts of OpenAI's protocols: request fields, and tokens as JSON.
package dev.saiki.server.openai;
