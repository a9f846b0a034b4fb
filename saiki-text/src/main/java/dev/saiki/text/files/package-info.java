/// Bounded, decompressed and hashed bytes of files that users name.
package dev.saiki.text.files;
