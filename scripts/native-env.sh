# What native libraries read before any Java code can run. Sourced by ./saiki and benchmarks; what is
# set already stays.

# OpenBLAS starts its own threads inside LibTorch's, and the two fight.
export OPENBLAS_NUM_THREADS=${OPENBLAS_NUM_THREADS:-1}
# Waiting OpenMP threads sleep, so that two micro-batches in parallel do not take the cores from each other.
export OMP_WAIT_POLICY=${OMP_WAIT_POLICY:-passive}

# A server that loads another checkpoint frees the memory of an old one, in pieces of some hundred kilobytes. glibc keeps
# such pieces for the thread that took them, and that thread is gone; so the server would grow with every reload, by as
# much as its cache holds, until glibc's pools come round. Pieces from 64 KiB on are given back at once instead.
give_freed_memory_back() {
  export GLIBC_TUNABLES=${GLIBC_TUNABLES:-glibc.malloc.mmap_threshold=65536}
}

# Training takes and frees tensors of megabytes thousands of times a second. glibc gives such memory back to the system
# each time and gets it anew, in small pages that the kernel clears; kept, and in large pages, a step takes a twelfth to a
# seventh less time. Other C libraries do not read this.
keep_freed_memory() {
  local keep=glibc.malloc.arena_max=1:glibc.malloc.mmap_max=0:glibc.malloc.trim_threshold=4294967296
  export GLIBC_TUNABLES=${GLIBC_TUNABLES:-glibc.malloc.hugetlb=1:$keep:glibc.malloc.top_pad=67108864}
}
