# Variables that native libraries read before any Java code can run. Sourced by ./saiki and the benchmarks; variables that
# are already set are kept.

# OpenBLAS starts its own threads inside LibTorch's, and the two compete for the cores.
export OPENBLAS_NUM_THREADS=${OPENBLAS_NUM_THREADS:-1}
# Waiting OpenMP threads sleep, so that two micro-batches in parallel do not take the cores from each other.
export OMP_WAIT_POLICY=${OMP_WAIT_POLICY:-passive}

# A server that loads another checkpoint frees the memory of the old one in pieces of some hundred kilobytes. glibc keeps
# such pieces for the thread that allocated them, which has ended; so the server would grow with every reload, by the size of
# its cache, until glibc reuses its pools. Pieces of 64 KiB and more are therefore returned at once.
give_freed_memory_back() {
  export GLIBC_TUNABLES=${GLIBC_TUNABLES:-glibc.malloc.mmap_threshold=65536}
}

# Training allocates and frees tensors of megabytes thousands of times per second. glibc would return such memory to the
# system each time and get it again, in small pages that the kernel clears. If the memory is kept, in large pages, a step
# takes a twelfth to a seventh less time. Other C libraries ignore this variable.
keep_freed_memory() {
  local keep=glibc.malloc.arena_max=1:glibc.malloc.mmap_max=0:glibc.malloc.trim_threshold=4294967296
  export GLIBC_TUNABLES=${GLIBC_TUNABLES:-glibc.malloc.hugetlb=1:$keep:glibc.malloc.top_pad=67108864}
}

# Adds the folders in which CUDA's libraries usually lie to the loader's path, if LibTorch is the one for CUDA: those of the
# toolkit, and those of the packages that Python's PyTorch needs.
find_cuda() { # folder of the jars
  local folder site
  for folder in "$1"/pytorch-*-gpu.jar; do
    [ -e "$folder" ] || return 0
  done
  site=$(python3 -c 'import sysconfig; print(sysconfig.get_path("purelib"))' 2>/dev/null) || site=
  for folder in /usr/local/cuda*/lib64 /usr/local/cuda*/extras/CUPTI/lib64 ${site:+"$site"/nvidia/*/lib}; do
    [ ! -d "$folder" ] || LD_LIBRARY_PATH=${LD_LIBRARY_PATH:+$LD_LIBRARY_PATH:}$folder
  done
  export LD_LIBRARY_PATH="${LD_LIBRARY_PATH:-}"
}
