/// GGUF files, versions 2 and 3: reading ({@link dev.saiki.convert.gguf.GgufFile}), writing ({@link
/// dev.saiki.convert.gguf.GgufWriter}), and the names of metadata and tensors in a checkpoint.
package dev.saiki.convert.gguf;
