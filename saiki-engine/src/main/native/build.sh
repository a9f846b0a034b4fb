#!/bin/sh
# Compiles the kernels into a folder: build.sh FOLDER. Without a C compiler that knows bfloat16 instructions there are no
# such kernels, and those in Java multiply.
here=$(dirname "$0")
library=$1/libsaiki-kernels-linux-x86_64.so
mkdir -p "$1"
if [ "$(uname -s)" = Linux ] \
  && ${CC:-cc} -std=gnu11 -O3 -ffp-contract=off -shared -fPIC -s -o "$library.part" "$here/kernels.c"; then
  mv "$library.part" "$library"
else
  rm -f "$library" "$library.part"
  echo "no kernels in C: ${CC:-cc} cannot compile kernels.c; the kernels in Java are used" >&2
fi
