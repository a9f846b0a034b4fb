/// Hashes on which choices rest that must be the same everywhere.
package dev.saiki.text.hash;
