package dev.saiki.server.openai.embeddings;

import dev.saiki.server.generation.GenerationCall;

/// A parsed request for embeddings.
///
/// @param texts the texts to embed, with the depth settings
/// @param base64 whether vectors are sent as bytes in Base64 instead of as numbers
/// @param dimensions the number of dimensions of a vector
record EmbeddingCall(GenerationCall texts, boolean base64, int dimensions) {}
