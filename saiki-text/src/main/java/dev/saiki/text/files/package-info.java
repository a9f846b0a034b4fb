/// Bounded reading, decompression and hashing of user files.
package dev.saiki.text.files;
