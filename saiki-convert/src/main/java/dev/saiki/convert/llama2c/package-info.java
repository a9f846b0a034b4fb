/// Models of llama2.c: float (its first format) and int8 (version 2), with its vocabulary file.
package dev.saiki.convert.llama2c;
