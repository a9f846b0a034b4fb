/// GGUF files, versions 2 and 3: reading ({@link dev.saiki.convert.gguf.GgufFile}), writing ({@link
/// dev.saiki.convert.gguf.GgufWriter}), and the mapping between GGUF's and a checkpoint's metadata and tensor
/// names.
package dev.saiki.convert.gguf;
