/// llama2.c models: float32 (the first format) and int8 (version 2), with the vocabulary file.
package dev.saiki.convert.llama2c;
