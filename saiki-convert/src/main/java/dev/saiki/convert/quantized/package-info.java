/// Matrices of Hugging Face folders that GPTQ, AWQ or FP8 quantized, and their dequantization.
package dev.saiki.convert.quantized;
