/// Platform-independent hashes for reproducible choices.
package dev.saiki.text.hash;
