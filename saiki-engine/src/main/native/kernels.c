/*
 * Products of rows and weights of 16 (bfloat16), 8 or 4 bits, for processors with AVX-512 and its bfloat16 instructions.
 *
 * The weights lie as TiledMatrix and Int4Matrix describe: bands of four outputs, interleaved by vectors of 64 bytes.
 * Rows are rounded to bfloat16 and arranged in the order of the weights' numbers, so that one instruction multiplies 32
 * numbers of a row by 32 weights of an output, and adds them to 16 sums.
 *
 * A product is one chain of additions for each of the 16 sums, from the first vector to the last, followed by the
 * sum of the 16. The chain does not depend on the number of rows, so a row's products are the same bits alone and
 * among others.
 */
#include <immintrin.h>
#include <stdint.h>

#define KERNEL __attribute__((target("avx512f,avx512bw,avx512vl,avx512vbmi,avx512bf16")))
#define INLINE static inline __attribute__((always_inline)) KERNEL

enum {
    BAND = 4,
    LANES = 16,
    PAIRS = 2 * LANES,
    BYTES = 4 * LANES,
    /* With 6 rows, 24 sums, 4 vectors of weights and one of a row fit into the 32 registers. */
    ROWS = 6,
    /* Up to so many rows, weights are widened in registers, and memory limits the speed anyway. */
    FEW = 4,
};

/* Rows, and the place of their products with one band. */
typedef struct {
    const __m512i *x;
    long vectors; /* of a row */
    float *out;
    long stride; /* from a row's products to the next row's */
    int outputs; /* of the band, 1 to 4 */
    const float *scales;
} rows_t;

/* The upper and the lower byte of 0 to 127 in bfloat16. */
static _Alignas(64) uint8_t upper[128], lower[128];

__attribute__((constructor)) static void fill_tables(void) {
    for (int i = 0; i < 128; i++) {
        union { float number; uint32_t bits; } value = {.number = i};
        upper[i] = value.bits >> 24;
        lower[i] = value.bits >> 16;
    }
}

int saiki_is_supported(void) {
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl")
            && __builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("avx512bf16");
}

/* Widens 64 weights of eight bits to bfloat16: the first 8 bytes of each 16, and the others. */
INLINE void widen(__m512i bytes, __m512i *first, __m512i *second) {
    __m512i magnitude = _mm512_abs_epi8(bytes);
    __m512i low = _mm512_permutex2var_epi8(_mm512_load_si512(lower), magnitude, _mm512_load_si512(lower + 64));
    __m512i high = _mm512_permutex2var_epi8(_mm512_load_si512(upper), magnitude, _mm512_load_si512(upper + 64));
    high = _mm512_or_si512(high, _mm512_and_si512(bytes, _mm512_set1_epi8((char)0x80)));
    *first = _mm512_unpacklo_epi8(low, high);
    *second = _mm512_unpackhi_epi8(low, high);
}

/* Widens 32 weights of four bits for each output of a band.
 *
 * weights: two vectors, of two outputs each
 * scales:  of the block's four outputs
 * block:   0 or 1, which of the two blocks in the vectors */
INLINE void widen_block(const __m512i *weights, const float *scales, int block, __m512i w[BAND]) {
    const __m512 numbers = _mm512_set_ps(-1, -2, -3, -4, -5, -6, -7, -8, 7, 6, 5, 4, 3, 2, 1, 0);
#pragma GCC unroll 4
    for (int o = 0; o < BAND; o++) {
        /* Exact: a scale has five significant bits, and a number at most three. Both halves of the table are equal,
         * because the index has a bit too many. */
        __m512 products = _mm512_mul_ps(numbers, _mm512_set1_ps(scales[o]));
        __m512i table = (__m512i)_mm512_cvtne2ps_pbh(products, products);
        w[o] = _mm512_permutexvar_epi16(_mm512_srli_epi16(weights[o / 2], 4 * (o % 2 * 2 + block)), table);
    }
}

INLINE void clear(int rows, __m512 sums[ROWS][BAND]) {
#pragma GCC unroll 6
    for (int r = 0; r < rows; r++)
        for (int o = 0; o < BAND; o++) sums[r][o] = _mm512_setzero_ps();
}

INLINE void multiply_add(int rows, __m512 sums[ROWS][BAND], const __m512i *x, long vectors, const __m512i w[BAND]) {
#pragma GCC unroll 6
    for (int r = 0; r < rows; r++) {
        __m512bh numbers = (__m512bh)_mm512_loadu_si512(x + r * vectors);
#pragma GCC unroll 4
        for (int o = 0; o < BAND; o++) sums[r][o] = _mm512_dpbf16_ps(sums[r][o], numbers, (__m512bh)w[o]);
    }
}

/* Adds the 16 sums of each of four vectors. */
INLINE __m128 sums_of_four(__m512 a, __m512 b, __m512 c, __m512 d) {
    __m512d ab = _mm512_castps_pd(_mm512_add_ps(_mm512_unpacklo_ps(a, b), _mm512_unpackhi_ps(a, b)));
    __m512d cd = _mm512_castps_pd(_mm512_add_ps(_mm512_unpacklo_ps(c, d), _mm512_unpackhi_ps(c, d)));
    __m512 even = _mm512_castpd_ps(_mm512_unpacklo_pd(ab, cd));
    __m512d all = _mm512_castps_pd(_mm512_add_ps(even, _mm512_castpd_ps(_mm512_unpackhi_pd(ab, cd))));
    __m256 upper_half = _mm256_castpd_ps(_mm512_extractf64x4_pd(all, 1));
    __m256 half = _mm256_add_ps(_mm256_castpd_ps(_mm512_castpd512_pd256(all)), upper_half);
    return _mm_add_ps(_mm256_castps256_ps128(half), _mm256_extractf128_ps(half, 1));
}

INLINE void finish(int rows, __m512 sums[ROWS][BAND], int first, rows_t to) {
    __mmask8 mask = (1u << to.outputs) - 1;
    __m128 scale = _mm_maskz_loadu_ps(mask, to.scales);
#pragma GCC unroll 6
    for (int r = 0; r < rows; r++) {
        __m128 four = sums_of_four(sums[r][0], sums[r][1], sums[r][2], sums[r][3]);
        _mm_mask_storeu_ps(to.out + (first + r) * to.stride, mask, _mm_mul_ps(scale, four));
    }
}

/* Multiplies some rows by a band in bfloat16, and fetches `ahead` cache lines for each vector into the second-level
 * cache. */
INLINE void tile(int rows, int ahead, const char *next, const __m512i *band, int first, rows_t to) {
    __m512 sums[ROWS][BAND];
    clear(rows, sums);
    const __m512i *x = to.x + first * to.vectors;
    for (long v = 0; v < to.vectors; v++) {
        for (int line = 0; line < ahead; line++) _mm_prefetch(next + (v * ahead + line) * 64, _MM_HINT_T1);
        __m512i w[BAND];
#pragma GCC unroll 4
        for (int o = 0; o < BAND; o++) w[o] = _mm512_loadu_si512(band + v * BAND + o);
        multiply_add(rows, sums, x + v, to.vectors, w);
    }
    finish(rows, sums, first, to);
}

INLINE void tile_of(int rows, int ahead, const char *next, const __m512i *band, int first, rows_t to) {
    switch (rows) {
        case 1: tile(1, ahead, next, band, first, to); break;
        case 2: tile(2, ahead, next, band, first, to); break;
        case 3: tile(3, ahead, next, band, first, to); break;
        case 4: tile(4, ahead, next, band, first, to); break;
        case 5: tile(5, ahead, next, band, first, to); break;
        default: tile(6, ahead, next, band, first, to); break;
    }
}

/* Multiplies all rows by a band in bfloat16, in tiles of nearly equal size. Meanwhile `next`, the next band in memory,
 * is fetched, spread over the first four tiles; with few rows memory is the limit, and the processor's own
 * prefetch is faster. */
KERNEL static void multiply_band(const __m512i *band, const char *next, int count, rows_t to) {
    int tiles = (count + ROWS - 1) / ROWS;
    int ahead = count <= FEW || !next ? 0 : tiles >= 4 ? 1 : tiles >= 2 ? 2 : 4;
    for (int t = 0; t < tiles; t++) {
        int first = count * t / tiles;
        int rows = count * (t + 1) / tiles - first;
        const char *part = next + t * to.vectors * ahead * 64;
        switch (t < 4 ? ahead : 0) {
            case 0: tile_of(rows, 0, part, band, first, to); break;
            case 1: tile_of(rows, 1, part, band, first, to); break;
            case 2: tile_of(rows, 2, part, band, first, to); break;
            default: tile_of(rows, 4, part, band, first, to); break;
        }
    }
}

/* Widens 64 weights for each output of a band in eight bits (without scales) or four. */
INLINE void widen_64(const __m512i *band, const uint16_t *scales, long step, __m512i first[BAND], __m512i second[BAND]) {
    if (scales) {
        float wide[2 * BAND];
        __m128i narrow = _mm_loadu_si128((const __m128i *)(scales + step * 2 * BAND));
        _mm256_storeu_si256((__m256i *)wide, _mm256_slli_epi32(_mm256_cvtepu16_epi32(narrow), 16));
        widen_block(band + step * 2, wide, 0, first);
        widen_block(band + step * 2, wide + BAND, 1, second);
    } else {
#pragma GCC unroll 4
        for (int o = 0; o < BAND; o++) widen(_mm512_loadu_si512(band + step * BAND + o), first + o, second + o);
    }
}

/* Multiplies few rows by a band in eight or four bits. */
INLINE void few_rows(int rows, const __m512i *band, const uint16_t *scales, rows_t to) {
    __m512 sums[ROWS][BAND];
    clear(rows, sums);
    for (long v = 0; v < to.vectors; v += 2) {
        __m512i first[BAND], second[BAND];
        widen_64(band, scales, v / 2, first, second);
        multiply_add(rows, sums, to.x + v, to.vectors, first);
        multiply_add(rows, sums, to.x + v + 1, to.vectors, second);
    }
    finish(rows, sums, 0, to);
}

/* Multiplies rows by a band in eight or four bits; many rows by a copy of the band that is widened once. */
INLINE void multiply_narrow(
        const __m512i *band, const uint16_t *scales, const char *next, int count, rows_t to, __m512i *wide) {
    switch (count) {
        case 1: few_rows(1, band, scales, to); return;
        case 2: few_rows(2, band, scales, to); return;
        case 3: few_rows(3, band, scales, to); return;
        case 4: few_rows(4, band, scales, to); return;
        default: break;
    }
    for (long v = 0; v < to.vectors; v += 2) widen_64(band, scales, v / 2, wide + v * BAND, wide + (v + 1) * BAND);
    multiply_band(wide, next, count, to);
}

KERNEL static void multiply_int8(const __m512i *band, const char *next, int count, rows_t to, __m512i *wide) {
    multiply_narrow(band, 0, next, count, to, wide);
}

KERNEL static void multiply_int4(
        const __m512i *band, const uint16_t *scales, const char *next, int count, rows_t to, __m512i *wide) {
    if (scales) multiply_narrow(band, scales, next, count, to, wide);
}

/* Multiplies rows by the bands `from` to `to` of a matrix.
 *
 * bits:    of a weight: 16, 8 or 4
 * blocks:  scales of blocks of 32 weights in four bits, in bfloat16
 * padded:  length of a row, a multiple of 64
 * x:       rows from saiki_narrow
 * out:     [count, outputs]
 * scales:  a scale for each output
 * wide:    8 * padded bytes of memory for a widened band */
KERNEL void saiki_multiply(int bits, const char *weights, const uint16_t *blocks, long from, long to, long padded,
        const void *x, int count, float *out, long outputs, const float *scales, void *wide) {
    long size = padded * BAND * bits / 8;
    for (long b = from; b < to; b++) {
        const char *band = weights + b * size;
        long left = outputs - b * BAND;
        rows_t rows = {x, padded / PAIRS, out + b * BAND, outputs, left < BAND ? left : BAND, scales + b * BAND};
        const char *next = b + 1 < to ? band + size : 0;
        switch (bits) {
            case 4: multiply_int4((const __m512i *)band, blocks + b * padded / 8, next, count, rows, wide); break;
            case 8: multiply_int8((const __m512i *)band, next, count, rows, wide); break;
            default: multiply_band((const __m512i *)band, next, count, rows); break;
        }
    }
}

/* Rounds 16 numbers of a row to bfloat16; zeros behind its end. */
INLINE __m256i rounded(const float *row, long at, long inputs) {
    __mmask16 mask = at + LANES <= inputs ? 0xffff : at >= inputs ? 0 : (1u << (inputs - at)) - 1;
    return (__m256i)_mm512_cvtneps_pbh(_mm512_maskz_loadu_ps(mask, row + at));
}

/* Rounds rows to bfloat16, in the order of the weights.
 *
 * bits: of a weight
 * rows: [count, inputs]
 * x:    [count, padded], aligned to 64 bytes */
KERNEL void saiki_narrow(int bits, const float *rows, long count, long inputs, long padded, __m512i *x) {
    _Alignas(64) uint16_t places[2][PAIRS];
    for (int half = 0; half < 2; half++)
        for (int e = 0; e < PAIRS; e++) {
            int byte = e / 8 * 16 + half * 8 + e % 8; /* as widen() spreads them */
            places[half][e] = bits == 8 ? (3 - byte % 4) * LANES + byte / 4 : (2 * half + 1 - e % 2) * LANES + e / 2;
        }
    __m512i first = _mm512_load_si512(places[0]), second = _mm512_load_si512(places[1]);
    for (long r = 0; r < count; r++) {
        const float *row = rows + r * inputs;
        for (long i = 0; i < padded; i += BYTES) {
            __m512i a = _mm512_castsi256_si512(rounded(row, i, inputs));
            __m512i b = _mm512_castsi256_si512(rounded(row, i + 2 * LANES, inputs));
            a = _mm512_inserti64x4(a, rounded(row, i + LANES, inputs), 1);
            b = _mm512_inserti64x4(b, rounded(row, i + 3 * LANES, inputs), 1);
            _mm512_store_si512(x++, _mm512_permutex2var_epi16(a, first, b));
            _mm512_store_si512(x++, _mm512_permutex2var_epi16(a, second, b));
        }
    }
}
