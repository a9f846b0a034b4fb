/// GGUF files, versions 2 and 3: read in place ({@link dev.saiki.convert.gguf.GgufFile}), written ({@link
/// dev.saiki.convert.gguf.GgufWriter}), and what their metadata and tensors are called in a checkpoint.
package dev.saiki.convert.gguf;
