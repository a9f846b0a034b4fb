/// Strict reading of JSON files, and checks whose messages name the key.
package dev.saiki.checkpoint.json;
