/// Text in front of the engine: conversations as requests, and texts as vectors.
///
/// What programs in the same JVM and the adapters of other libraries share, since the engine itself knows token ids
/// alone.
package dev.saiki.engine.text;
