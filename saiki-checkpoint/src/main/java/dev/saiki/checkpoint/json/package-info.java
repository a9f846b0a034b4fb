/// Strict JSON readers, and checks whose messages name the key.
package dev.saiki.checkpoint.json;
