/// `/v1/completions`: its requests and its answers.
package dev.saiki.server.openai.completions;
