package dev.saiki.server.openai.embeddings;

import dev.saiki.server.generation.GenerationCall;

/// A request for embeddings as it was understood.
///
/// @param texts what to embed, and what is asked of depth
/// @param base64 whether vectors are sent as bytes in base 64, not as numbers
/// @param dimensions of a vector
record EmbeddingCall(GenerationCall texts, boolean base64, int dimensions) {}
