/// GGUF files, versions 2 and 3: reading ({@link dev.saiki.convert.gguf.GgufFile}), writing ({@link
/// dev.saiki.convert.gguf.GgufWriter}), and the translation of metadata and tensor names to those of a checkpoint.
package dev.saiki.convert.gguf;
