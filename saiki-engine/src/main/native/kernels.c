/*
 * Products of rows and weights of 32, 16 (bfloat16), 8, 6, 5 or 4 bits, attention, and the operations on rows between them,
 * for processors with AVX-512 and the instructions that multiply such numbers.
 *
 * A product is one chain of additions for each sum in a register, from the first inputs to the last. The chain does not
 * depend on the number of rows, so a row's products are the same bits alone and among others.
 *
 * 16 bits: the weights lie as TiledMatrix describes, in bands of four outputs, interleaved by vectors of 64 bytes. Rows
 * are rounded to bfloat16 and arranged in the order of the weights' numbers, so that one instruction multiplies 32
 * numbers of a row by 32 weights of an output, and adds them to 16 sums. 32 bits: the same layout with 16 weights in a
 * vector, and rows as they are; the results have the same bits as those of the kernels in Java.
 *
 * 8 bits and fewer: the weights lie as NarrowMatrix describes, in bands of 32 outputs. Weights have a scale for each 32 or
 * 16 inputs. Rows are rounded to eight bits, with a scale for each 32 numbers, so that one instruction multiplies four
 * numbers of a row by the weights of 16 outputs. Sums of such a block are exact integers.
 *
 * Processors with AMX multiply tiles of up to 16 rows by 16 bits: the weights lie as AmxMatrix describes.
 */
#include <immintrin.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#define KERNEL __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512bf16,avx512vnni")))
#define INLINE static inline __attribute__((always_inline)) KERNEL

enum {
    BAND = 4,
    LANES = 16,
    PAIRS = 2 * LANES,
    BYTES = 4 * LANES,
    /* With 6 rows, 24 sums, 4 vectors of weights and one of a row fit into the 32 registers. */
    ROWS = 6,
    /* Up to so many rows, memory is the limit, and the processor's own prefetch is faster than ours. */
    FEW = 4,
    /* Numbers that have a scale in common. */
    BLOCK = 32,
    GROUP = 4,
    GROUPS = BLOCK / GROUP,
    /* A band of weights in eight or four bits has two vectors of outputs. */
    HALVES = 2,
    NARROW_BAND = HALVES * LANES,
    /* With 6 rows, 12 sums of integers, 12 of products, 4 vectors of weights and one of a row fit into the registers. */
    NARROW_ROWS = 6,
    /* The blocks that share a unit, by which their scales are multiplied, where scales are integers. */
    UNITED = 8,
    /* How many bytes ahead such weights are fetched into the second-level cache. */
    AHEAD = 4096,
};

/* Rows, and the place of their products with one band. */
typedef struct {
    const __m512i *x;
    long vectors; /* of a row */
    float *out;
    long stride; /* from a row's products to the next row's */
    int outputs; /* of the band, 1 to 4 */
} rows_t;

/* How weights lie in memory: the bits of one, and what the scales are, see NarrowMatrix. */
enum {
    HAS_MINIMA = 64,
    HAS_HALF_BLOCKS = 128,
    BFLOAT16_TILES = 256 + 16,
    Q8_0 = 8,
    Q4_0 = 4,
    Q5_0 = 5,
    Q6_0 = 6,
    Q4_K = HAS_MINIMA + 4,
    Q5_K = HAS_MINIMA + 5,
    Q6_K = HAS_HALF_BLOCKS + 6,
    WIDEST = 32,
};

INLINE int bits_of(int packing) {
    return packing & (2 * WIDEST - 1);
}

/* The sums with which a row's sum of a block begins, one for each scale of weights. */
INLINE int starts_of_block(int packing) {
    return packing & HAS_HALF_BLOCKS ? 2 : 1;
}

/* The integer that stands for zero. Where there are minima instead, -1, so that a row's sums begin with the sum of its
 * numbers. */
INLINE int zero_of(int packing) {
    return packing & HAS_MINIMA ? -1 : 1 << (bits_of(packing) - 1);
}

/* Whether the processor has tile registers, and the system lets this process use them. */
static int has_tiles(void) {
    enum { REQUEST_PERMISSION = 0x1023, TILE_DATA = 18 };
    return __builtin_cpu_supports("amx-tile") && __builtin_cpu_supports("amx-bf16")
            && syscall(SYS_arch_prctl, REQUEST_PERMISSION, TILE_DATA) == 0;
}

/* Whether the processor has the instructions for weights of such a packing. */
static int is_supported(int packing) {
    __builtin_cpu_init();
    if (packing == BFLOAT16_TILES) return has_tiles() && is_supported(16);
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl")
            && __builtin_cpu_supports("avx512dq")
            && (packing == 32 || (packing == 16 ? __builtin_cpu_supports("avx512bf16") : __builtin_cpu_supports("avx512vnni")));
}

/* The lanes that are left at the end of a row. */
INLINE __mmask16 mask_of(long left) {
    return left >= LANES ? 0xffff : (1u << left) - 1;
}

INLINE void clear(int rows, __m512 sums[ROWS][BAND]) {
#pragma GCC unroll 6
    for (int r = 0; r < rows; r++)
        for (int o = 0; o < BAND; o++) sums[r][o] = _mm512_setzero_ps();
}

INLINE void multiply_add(int bits, int rows, __m512 sums[ROWS][BAND], const __m512i *x, long vectors,
        const __m512i w[BAND]) {
#pragma GCC unroll 6
    for (int r = 0; r < rows; r++) {
        __m512i numbers = _mm512_loadu_si512(x + r * vectors);
#pragma GCC unroll 4
        for (int o = 0; o < BAND; o++)
            sums[r][o] = bits == 16 ? _mm512_dpbf16_ps(sums[r][o], (__m512bh)numbers, (__m512bh)w[o])
                                    : _mm512_fmadd_ps((__m512)numbers, (__m512)w[o], sums[r][o]);
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

/* Folds a vector in half until four lanes remain, as Lanes does. */
INLINE __m128 folded(__m512 sums) {
    __m256 half = _mm256_add_ps(_mm512_castps512_ps256(sums), _mm512_extractf32x8_ps(sums, 1));
    return _mm_add_ps(_mm256_castps256_ps128(half), _mm256_extractf128_ps(half, 1));
}

INLINE float sum_of(__m512 sums) {
    __m128 four = folded(sums);
    return (four[0] + four[2]) + (four[1] + four[3]);
}

/* Adds the 16 sums of each of four vectors, in the order of sum_of. */
INLINE __m128 folded_four(const __m512 sums[4]) {
    __m512 halves[2];
    for (int i = 0; i < 2; i++) {
        __m512 a = sums[2 * i], b = sums[2 * i + 1];
        halves[i] = _mm512_add_ps(_mm512_shuffle_f32x4(a, b, 0x44), _mm512_shuffle_f32x4(a, b, 0xee));
    }
    __m512 fours = _mm512_add_ps(_mm512_shuffle_f32x4(halves[0], halves[1], 0x88),
            _mm512_shuffle_f32x4(halves[0], halves[1], 0xdd));
    fours = _mm512_add_ps(fours, _mm512_permute_ps(fours, 0x4e));
    fours = _mm512_add_ps(fours, _mm512_permute_ps(fours, 0xb1));
    return _mm512_castps512_ps128(_mm512_maskz_compress_ps(0x1111, fours));
}

INLINE void finish(int bits, int rows, __m512 sums[ROWS][BAND], int first, rows_t to) {
    __mmask8 mask = (1u << to.outputs) - 1;
#pragma GCC unroll 6
    for (int r = 0; r < rows; r++) {
        __m128 four = bits == 16 ? sums_of_four(sums[r][0], sums[r][1], sums[r][2], sums[r][3]) : folded_four(sums[r]);
        _mm_mask_storeu_ps(to.out + (first + r) * to.stride, mask, four);
    }
}

/* Multiplies some rows by a band of weights of 32 or 16 bits, and fetches `ahead` cache lines for each vector into the second-level
 * cache. */
INLINE void tile(int bits, int rows, int ahead, const char *next, const __m512i *band, int first, rows_t to) {
    __m512 sums[ROWS][BAND];
    clear(rows, sums);
    const __m512i *x = to.x + first * to.vectors;
    for (long v = 0; v < to.vectors; v++) {
        for (int line = 0; line < ahead; line++) _mm_prefetch(next + (v * ahead + line) * 64, _MM_HINT_T1);
        __m512i w[BAND];
#pragma GCC unroll 4
        for (int o = 0; o < BAND; o++) w[o] = _mm512_loadu_si512(band + v * BAND + o);
        multiply_add(bits, rows, sums, x + v, to.vectors, w);
    }
    finish(bits, rows, sums, first, to);
}

INLINE void tile_of(int bits, int rows, int ahead, const char *next, const __m512i *band, int first, rows_t to) {
    switch (rows) {
        case 1: tile(bits, 1, ahead, next, band, first, to); break;
        case 2: tile(bits, 2, ahead, next, band, first, to); break;
        case 3: tile(bits, 3, ahead, next, band, first, to); break;
        case 4: tile(bits, 4, ahead, next, band, first, to); break;
        case 5: tile(bits, 5, ahead, next, band, first, to); break;
        default: tile(bits, 6, ahead, next, band, first, to); break;
    }
}

/* Multiplies all rows by a band of weights of 32 or 16 bits, in tiles of nearly equal size. Meanwhile `next`, the next band in memory,
 * is fetched, spread over the first four tiles; with few rows memory is the limit, and the processor's own
 * prefetch is faster. */
INLINE void multiply_band(int bits, const __m512i *band, const char *next, int count, rows_t to) {
    int tiles = (count + ROWS - 1) / ROWS;
    int ahead = count <= FEW || !next ? 0 : tiles >= 4 ? 1 : tiles >= 2 ? 2 : 4;
    for (int t = 0; t < tiles; t++) {
        int first = count * t / tiles;
        int rows = count * (t + 1) / tiles - first;
        const char *part = next + t * to.vectors * ahead * 64;
        switch (t < 4 ? ahead : 0) {
            case 0: tile_of(bits, rows, 0, part, band, first, to); break;
            case 1: tile_of(bits, rows, 1, part, band, first, to); break;
            case 2: tile_of(bits, rows, 2, part, band, first, to); break;
            default: tile_of(bits, rows, 4, part, band, first, to); break;
        }
    }
}

/* Multiplies rows by the bands `from` to `to` of a matrix of 32 or 16 bits. */
INLINE void multiply_wide(int bits, const char *weights, long from, long to, long padded, const void *x, int count,
        float *out, long outputs) {
    long vectors = padded * bits / (8 * BYTES), size = vectors * BAND * BYTES;
    for (long b = from; b < to; b++) {
        const char *band = weights + b * size;
        long left = outputs - b * BAND;
        rows_t rows = {x, vectors, out + b * BAND, outputs, left < BAND ? left : BAND};
        multiply_band(bits, (const __m512i *)band, b + 1 < to ? band + size : 0, count, rows);
    }
}

/* Rounds 16 numbers of a row to bfloat16; zeros behind its end. */
INLINE __m256i rounded(const float *row, long at, long inputs) {
    __mmask16 mask = at + LANES <= inputs ? 0xffff : at >= inputs ? 0 : (1u << (inputs - at)) - 1;
    return (__m256i)_mm512_cvtneps_pbh(_mm512_maskz_loadu_ps(mask, row + at));
}

/* Rounds rows to bfloat16, in the order of the weights. */
KERNEL static void round_wide(const float *rows, long count, long inputs, long padded, __m512i *x) {
    _Alignas(64) uint16_t places[2][PAIRS];
    for (int half = 0; half < 2; half++)
        for (int e = 0; e < PAIRS; e++) places[half][e] = (2 * half + 1 - e % 2) * LANES + e / 2;
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

/* ---- weights of eight bits and fewer ---- */

/* Some rows in eight bits: for each block of 32 numbers and each group of four in it the groups of all rows, then for
 * each block the scales of all rows, then what each row's sums of a block begin with, because weights are stored as
 * numbers that are not negative. */
typedef struct {
    const int32_t *groups;
    const float *scales;
    const int32_t *starts;
} narrow_t;

INLINE narrow_t narrow_of(void *memory, int rows, long blocks) {
    int32_t *groups = memory;
    float *scales = (float *)(groups + blocks * GROUPS * rows);
    return (narrow_t){groups, scales, (int32_t *)(scales + blocks * rows)};
}

/* The first row of a tile; `count` rows are divided into tiles of nearly equal size. */
INLINE int first_of(int tile, int count) {
    int tiles = (count + NARROW_ROWS - 1) / NARROW_ROWS;
    return count * tile / tiles;
}

INLINE long narrow_bytes(int packing, long padded) {
    return padded + padded / BLOCK * 4 * (1 + starts_of_block(packing));
}

/* The bytes of a band's scales for one block, or for the blocks that share a unit. */
INLINE long scale_bytes(int packing) {
    switch (packing) {
        case Q4_K: case Q5_K: return NARROW_BAND * 2 * (2 + UNITED);
        case Q6_K: return NARROW_BAND * (2 + 2 * UNITED);
        default: return NARROW_BAND * 2;
    }
}

INLINE int has_units(int packing) {
    return packing & (HAS_MINIMA | HAS_HALF_BLOCKS);
}

/* Loads the weights of two groups of four inputs.
 *
 * at:   the lower four bits of both, or eight bits of one after the other
 * high: masks of the fifth bits, those of the sixth bits a block's masks behind */
INLINE void load_groups(int bits, const __m512i *at, const __mmask64 *high, __m512i w[2][HALVES]) {
    const __m512i nibble = _mm512_set1_epi8(15);
    for (int h = 0; h < HALVES; h++) {
        w[0][h] = _mm512_loadu_si512(at + h);
        if (bits == 8) {
            w[1][h] = _mm512_loadu_si512(at + HALVES + h);
            continue;
        }
        w[1][h] = _mm512_and_si512(_mm512_srli_epi16(w[0][h], 4), nibble);
        w[0][h] = _mm512_and_si512(w[0][h], nibble);
        for (int g = 0; g < 2; g++)
            for (int bit = 4; bit < bits; bit++)
                w[g][h] = _mm512_mask_add_epi8(w[g][h], high[(bit - 4) * GROUPS * HALVES + g * HALVES + h], w[g][h],
                        _mm512_set1_epi8(1 << bit));
    }
}

INLINE void add_group(int rows, __m512i of_block[NARROW_ROWS][HALVES], const int32_t *group, const __m512i w[HALVES]) {
#pragma GCC unroll 6
    for (int r = 0; r < rows; r++) {
        __m512i x = _mm512_set1_epi32(group[r]);
        for (int h = 0; h < HALVES; h++) of_block[r][h] = _mm512_dpbusd_epi32(of_block[r][h], w[h], x);
    }
}

/* Adds the products of the groups `from` to `to` of a block.
 *
 * from_memory: whether the band is read for the first time, so that what follows is fetched early */
INLINE void add_groups(int bits, int rows, int from, int to, const char *block, const int32_t *groups,
        __m512i of_block[NARROW_ROWS][HALVES], int from_memory) {
    const int pair = HALVES * BYTES * (bits == 8 ? 2 : 1);
    const char *high = block + GROUPS / 2 * pair;
#pragma GCC unroll 4
    for (int g = from; g < to; g += 2) {
        const char *at = block + g / 2 * pair;
        for (int i = 0; i < (from_memory ? pair : 0); i += BYTES) _mm_prefetch(at + i + AHEAD, _MM_HINT_T1);
        if (bits < 8 && from_memory && g < 4 * (bits - 4)) _mm_prefetch(high + g / 2 * BYTES + AHEAD, _MM_HINT_T1);
        __m512i w[2][HALVES];
        load_groups(bits, (const __m512i *)at, (const __mmask64 *)high + g * HALVES, w);
        add_group(rows, of_block, groups + g * rows, w[0]);
        add_group(rows, of_block, groups + (g + 1) * rows, w[1]);
    }
}

INLINE __m512 halves_at(const char *numbers) {
    return _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)numbers));
}

/* The scales of 16 outputs, or their minima.
 *
 * packing: of the weights
 * scales:  of the band's block
 * which:   index of the scales within the block, after its units */
INLINE __m512 scales_at(int packing, const char *scales, int half, int which, int minimum) {
    const char *units = scales + (minimum * NARROW_BAND + half * LANES) * 2;
    if (!has_units(packing)) return halves_at(units);
    int kinds = packing & HAS_MINIMA ? 2 : 1;
    const char *at = scales + kinds * NARROW_BAND * 2 + (which * kinds + minimum) * NARROW_BAND + half * LANES;
    __m128i bytes = _mm_loadu_si128((const __m128i *)at);
    __m512i numbers = packing & HAS_MINIMA ? _mm512_cvtepu8_epi32(bytes) : _mm512_cvtepi8_epi32(bytes);
    return _mm512_mul_ps(halves_at(units), _mm512_cvtepi32_ps(numbers));
}

/* Multiplies the rows of a tile by a band.
 *
 * scales:      of the band
 * from_memory: whether the band is read for the first time */
INLINE void narrow_tile(int packing, int rows, const char *band, const char *scales, long padded, void *memory, float *out,
        long stride, __mmask32 mask, int from_memory) {
    const int bits = bits_of(packing), parts = starts_of_block(packing);
    const int united = has_units(packing) ? UNITED : 1;
    long count = padded / BLOCK;
    narrow_t x = narrow_of(memory, rows, count);
    __m512 sums[NARROW_ROWS][HALVES];
#pragma GCC unroll 6
    for (int r = 0; r < rows; r++)
        for (int h = 0; h < HALVES; h++) sums[r][h] = _mm512_setzero_ps();
    for (long b = 0; b < count; b++, band += BLOCK * NARROW_BAND * bits / 8) {
        const char *of_block_scales = scales + b / united * scale_bytes(packing);
        const float *row_scales = x.scales + b * rows;
        for (int p = 0; p < parts; p++) {
            const int32_t *starts = x.starts + (b * parts + p) * rows;
            __m512i of_block[NARROW_ROWS][HALVES];
#pragma GCC unroll 6
            for (int r = 0; r < rows; r++)
                for (int h = 0; h < HALVES; h++)
                    of_block[r][h] = packing & HAS_MINIMA ? _mm512_setzero_si512() : _mm512_set1_epi32(starts[r]);
            add_groups(bits, rows, p * GROUPS / parts, (p + 1) * GROUPS / parts, band, x.groups + b * GROUPS * rows,
                    of_block, from_memory);
            for (int h = 0; h < HALVES; h++) {
                int which = b % united * parts + p;
                __m512 of_outputs = scales_at(packing, of_block_scales, h, which, 0);
                __m512 minima = packing & HAS_MINIMA ? scales_at(packing, of_block_scales, h, which, 1) : of_outputs;
#pragma GCC unroll 6
                for (int r = 0; r < rows; r++) {
                    __m512 scale = _mm512_mul_ps(of_outputs, _mm512_set1_ps(row_scales[r]));
                    sums[r][h] = _mm512_fmadd_ps(_mm512_cvtepi32_ps(of_block[r][h]), scale, sums[r][h]);
                    if (packing & HAS_MINIMA)
                        sums[r][h] = _mm512_fnmadd_ps(minima, _mm512_set1_ps(row_scales[r] * starts[r]), sums[r][h]);
                }
            }
        }
    }
    for (int h = 0; h < HALVES; h++) {
        __mmask16 some = mask >> h * LANES;
#pragma GCC unroll 6
        for (int r = 0; r < rows; r++) _mm512_mask_storeu_ps(out + r * stride + h * LANES, some, sums[r][h]);
    }
}

#define NARROW_CASE(n) \
    case n: narrow_tile(packing, n, band, scales, padded, memory, out, stride, mask, from_memory); break;

INLINE void narrow_tile_of(int packing, int rows, const char *band, const char *scales, long padded, void *memory,
        float *out, long stride, __mmask32 mask, int from_memory) {
    switch (rows) {
        NARROW_CASE(1) NARROW_CASE(2) NARROW_CASE(3) NARROW_CASE(4) NARROW_CASE(5) NARROW_CASE(6)
        default: break;
    }
}

/* The outputs of a band that exist. */
INLINE __mmask32 outputs_of(long band, long outputs) {
    long left = outputs - band * NARROW_BAND;
    return left >= NARROW_BAND ? ~0u : (1u << left) - 1;
}

INLINE void multiply_narrow(int packing, const char *weights, const char *scales, long from, long to, long padded,
        char *x, int count, float *out, long outputs) {
    long size = padded * NARROW_BAND * bits_of(packing) / 8;
    long of_scales = padded / (has_units(packing) ? BLOCK * UNITED : BLOCK) * scale_bytes(packing);
    for (long b = from; b < to; b++) {
        __mmask32 mask = outputs_of(b, outputs);
        for (int tile = 0, first = 0; first < count; tile++) {
            int end = first_of(tile + 1, count);
            narrow_tile_of(packing, end - first, weights + b * size, scales + b * of_scales, padded,
                    x + first * narrow_bytes(packing, padded), out + first * outputs + b * NARROW_BAND, outputs, mask,
                    first == 0);
            first = end;
        }
    }
}

/* ---- weights of 16 bits in tile registers ----
 *
 * A tile register holds up to 16 rows of 64 bytes. Here the registers 0 to 3 hold sums of up to 16 rows and 16 outputs,
 * 4 and 5 rows, 6 and 7 weights. Rows are divided into tiles of equal height; the last tile may lack some rows, whose
 * places are not initialised, and whose products are not kept. For each step of 32 inputs, the numbers of a tile's rows
 * lie one behind the other.
 *
 * Products by weights of eight bits were no faster in tile registers, since the sums of each block have to leave them for
 * their scales. */

#define TILES __attribute__((target("amx-tile,amx-bf16,avx512f,avx512bw,avx512vl,avx512dq,avx512bf16,avx512vnni")))
#define INLINE_TILES static inline __attribute__((always_inline)) TILES

enum {
    TILE_ROWS = 16,
    STEP = 32,
    STEP_BYTES = STEP * NARROW_BAND * 2,
};

INLINE int height_of(int count) {
    int tiles = (count + TILE_ROWS - 1) / TILE_ROWS;
    return (count + tiles - 1) / tiles;
}

/* Divides the tile registers. */
TILES static void configure(int height) {
    struct {
        uint8_t palette, others[15];
        uint16_t row_bytes[16];
        uint8_t rows[16];
    } registers = {.palette = 1};
    for (int i = 0; i < 8; i++) {
        registers.rows[i] = i < 6 ? height : TILE_ROWS;
        registers.row_bytes[i] = BYTES;
    }
    _tile_loadconfig(&registers);
}

INLINE_TILES void clear_sums(void) {
    _tile_zero(0);
    _tile_zero(1);
    _tile_zero(2);
    _tile_zero(3);
}

INLINE_TILES void store_sums(float sums[4][TILE_ROWS][LANES]) {
    _tile_stored(0, sums[0], BYTES);
    _tile_stored(1, sums[1], BYTES);
    _tile_stored(2, sums[2], BYTES);
    _tile_stored(3, sums[3], BYTES);
}

/* Writes the sums of two registers, one for each half of a band. */
INLINE void keep_sums(int rows, float sums[2][TILE_ROWS][LANES], __mmask32 mask, float *out, long stride) {
    for (int r = 0; r < rows; r++)
        for (int h = 0; h < HALVES; h++)
            _mm512_mask_storeu_ps(out + r * stride + h * LANES, mask >> h * LANES, _mm512_load_ps(sums[h][r]));
}

INLINE void fetch_step(const char *weights) {
    for (int i = 0; i < STEP_BYTES; i += BYTES) _mm_prefetch(weights + i + AHEAD, _MM_HINT_T1);
}

/* Multiplies one tile of rows by two bands. With two more sums, the instruction's latency matters less. `sums` has those
 * of the first band, then those of the second. */
TILES static void tile_by_two(const char *band, const char *next, long steps, const char *x, int height,
        float sums[4][TILE_ROWS][LANES], int from_memory) {
    clear_sums();
    for (long k = 0; k < steps; k++) {
        const char *a = band + k * STEP_BYTES, *b = next + k * STEP_BYTES;
        if (from_memory) fetch_step(a), fetch_step(b);
        _tile_loadd(4, x + k * height * BYTES, BYTES);
        _tile_loadd(6, a, HALVES * BYTES);
        _tile_dpbf16ps(0, 4, 6);
        _tile_loadd(7, a + BYTES, HALVES * BYTES);
        _tile_dpbf16ps(1, 4, 7);
        _tile_loadd(6, b, HALVES * BYTES);
        _tile_dpbf16ps(2, 4, 6);
        _tile_loadd(7, b + BYTES, HALVES * BYTES);
        _tile_dpbf16ps(3, 4, 7);
    }
    store_sums(sums);
}

/* Multiplies two tiles of rows by a band. `sums` has those of the first tile, then those of the second. */
TILES static void two_by_band(const char *band, long steps, const char *x, const char *y, int height,
        float sums[4][TILE_ROWS][LANES], int from_memory) {
    clear_sums();
    for (long k = 0; k < steps; k++) {
        const char *w = band + k * STEP_BYTES;
        if (from_memory) fetch_step(w);
        _tile_loadd(4, x + k * height * BYTES, BYTES);
        _tile_loadd(6, w, HALVES * BYTES);
        _tile_dpbf16ps(0, 4, 6);
        _tile_loadd(7, w + BYTES, HALVES * BYTES);
        _tile_dpbf16ps(1, 4, 7);
        _tile_loadd(5, y + k * height * BYTES, BYTES);
        _tile_dpbf16ps(2, 5, 6);
        _tile_dpbf16ps(3, 5, 7);
    }
    store_sums(sums);
}

/* Multiplies rows by the bands `from` to `to`. */
TILES static void multiply_in_tiles(const char *weights, long from, long to, long padded, const char *x, int count, float *out,
        long outputs) {
    const int height = height_of(count);
    const long size = padded * NARROW_BAND * 2, steps = padded / STEP, tile = height * padded * 2;
    _Alignas(64) float sums[4][TILE_ROWS][LANES];
    configure(height);
    for (long b = from; b < to; b += 2) {
        long two = b + 1 < to ? 2 : 1;
        for (int first = 0; first < count; first += 2 * height) {
            const char *rows = x + first / height * tile;
            float *to_rows = out + first * outputs;
            int left = count - first;
            if (left <= height) {
                tile_by_two(weights + b * size, weights + (b + two - 1) * size, steps, rows, height, sums, first == 0);
                for (long i = 0; i < two; i++)
                    keep_sums(left, sums + i * 2, outputs_of(b + i, outputs), to_rows + (b + i) * NARROW_BAND, outputs);
                continue;
            }
            for (long i = b; i < b + two; i++) {
                two_by_band(weights + i * size, steps, rows, rows + tile, height, sums, first == 0);
                float *to_band = to_rows + i * NARROW_BAND;
                keep_sums(height, sums, outputs_of(i, outputs), to_band, outputs);
                int others = left < 2 * height ? left - height : height;
                keep_sums(others, sums + 2, outputs_of(i, outputs), to_band + height * outputs, outputs);
            }
        }
    }
    _tile_release();
}

/* Rounds the rows of a tile to bfloat16; nothing happens if there are fewer tiles. */
KERNEL static void round_for_tile(const float *rows, int count, int tile, long inputs, long padded, char *x) {
    int height = height_of(count), first = tile * height;
    int present = count - first < height ? count - first : height;
    rows += first * inputs;
    x += first * padded * 2;
    for (int r = 0; r < present; r++) {
        for (long i = 0; i < padded; i += STEP) {
            __m512i numbers = _mm512_castsi256_si512(rounded(rows + r * inputs, i, inputs));
            numbers = _mm512_inserti64x4(numbers, rounded(rows + r * inputs, i + LANES, inputs), 1);
            _mm512_storeu_si512(x + (i / STEP * height + r) * BYTES, numbers);
        }
    }
}

#define MULTIPLY_CASE(packing) \
    case packing: multiply_narrow(packing, weights, scales, from, to, padded, x, count, out, outputs); break;

/* Multiplies rows by the bands `from` to `to` of a matrix.
 *
 * packing: of the weights: 32, 16, BFLOAT16_TILES, or one of those of eight bits and fewer
 * scales:  of weights of eight bits and fewer
 * padded:  length of a row, a multiple of 64
 * x:       rows from round_rows
 * out:     [count, outputs] */
KERNEL static void multiply(int packing, const char *weights, const char *scales, long from, long to, long padded,
        char *x, int count, float *out, long outputs) {
    switch (packing) {
        MULTIPLY_CASE(Q4_0) MULTIPLY_CASE(Q5_0) MULTIPLY_CASE(Q8_0) MULTIPLY_CASE(Q4_K) MULTIPLY_CASE(Q5_K)
        MULTIPLY_CASE(Q6_0) MULTIPLY_CASE(Q6_K)
        case BFLOAT16_TILES: multiply_in_tiles(weights, from, to, padded, x, count, out, outputs); break;
        case 16: multiply_wide(16, weights, from, to, padded, x, count, out, outputs); break;
        default: multiply_wide(32, weights, from, to, padded, x, count, out, outputs); break;
    }
}

/* Rounds a block of a row to eight bits. A number that is not finite makes the scale so, and with it all products. */
INLINE void narrow_block(int packing, const float *row, long at, long inputs, int rows, int32_t *groups, float *scale,
        int32_t *starts) {
    long left = inputs - at;
    uint32_t present = left >= BLOCK ? ~0u : left <= 0 ? 0 : (1u << left) - 1;
    __m512 a = _mm512_maskz_loadu_ps(present, row + at), b = _mm512_maskz_loadu_ps(present >> LANES, row + at + LANES);
    /* Compared as integers, so that what is not a number is the largest. */
    const __m512i magnitude = _mm512_set1_epi32(0x7fffffff);
    uint32_t bits = _mm512_reduce_max_epu32(_mm512_max_epu32(
            _mm512_and_si512((__m512i)a, magnitude), _mm512_and_si512((__m512i)b, magnitude)));
    union { uint32_t bits; float number; } largest = {.bits = bits};
    __m512 factor = _mm512_set1_ps(largest.number > 1e-30f ? 127 / largest.number : 0);
    __m512i first = _mm512_cvtps_epi32(_mm512_mul_ps(a, factor)), second = _mm512_cvtps_epi32(_mm512_mul_ps(b, factor));
    _Alignas(32) int32_t packed[GROUPS];
    _mm_store_si128((__m128i *)packed, _mm512_cvtsepi32_epi8(first));
    _mm_store_si128((__m128i *)packed + 1, _mm512_cvtsepi32_epi8(second));
    for (int g = 0; g < GROUPS; g++) groups[g * rows] = packed[g];
    *scale = largest.number / 127;
    int zero = zero_of(packing);
    if (packing & HAS_HALF_BLOCKS) {
        starts[0] = -zero * _mm512_reduce_add_epi32(first);
        starts[rows] = -zero * _mm512_reduce_add_epi32(second);
    } else {
        starts[0] = -zero * _mm512_reduce_add_epi32(_mm512_add_epi32(first, second));
    }
}

/* Rounds the rows of a tile to eight bits, or to bfloat16 for weights of 16 bits; copies them for weights of 32 bits.
 *
 * packing: of the weights
 * rows:    [count, inputs]
 * tile:    which of the tiles into which the rows are divided; nothing happens if there are fewer
 * x:       the memory of all rows, and with BFLOAT16_TILES of 16 more, aligned to 64 bytes */
KERNEL static void round_rows(int packing, const float *rows, int count, int tile, long inputs, long padded, char *x) {
    if (packing == BFLOAT16_TILES) {
        round_for_tile(rows, count, tile, inputs, padded, x);
        return;
    }
    int first = first_of(tile, count), width = first_of(tile + 1, count) - first;
    if (first >= count) return;
    if (packing == 32) {
        for (int r = first; r < first + width; r++)
            for (long i = 0; i < padded; i++) ((float *)x)[r * padded + i] = i < inputs ? rows[r * inputs + i] : 0;
        return;
    }
    if (packing == 16) {
        round_wide(rows + first * inputs, width, inputs, padded, (__m512i *)(x + first * padded * 2));
        return;
    }
    long blocks = padded / BLOCK;
    narrow_t to = narrow_of(x + first * narrow_bytes(packing, padded), width, blocks);
    for (int r = 0; r < width; r++)
        for (long b = 0; b < blocks; b++)
            narrow_block(packing, rows + (first + r) * inputs, b * BLOCK, inputs, width,
                    (int32_t *)to.groups + b * GROUPS * width + r, (float *)to.scales + b * width + r,
                    (int32_t *)to.starts + b * starts_of_block(packing) * width + r);
}

/* ---- attention ---- */

enum {
    /* Slots whose scores, and vectors whose sums, are computed together. */
    TOGETHER = 4,
    /* Queries that share the widened keys and values. With four, 16 sums fit into the registers. */
    QUERIES = 4,
};

/* Keys and values of slots that are contiguous in memory. */
typedef struct {
    const char *keys, *values;
    long slots;
} run_t;

/* Numbers behind a query's output: its largest score, and the sum of the powers of e that became weights. */
enum { BEHIND_OUTPUT = 2 };

/* Queries of a row that share a key-value head. */
typedef struct {
    const float *queries; /* [queries, dim] */
    float *attended;      /* [queries, dim + BEHIND_OUTPUT] */
    float *weights;       /* [queries, stride] */
    long stride, dim;
} heads_t;

/* The bytes of a key or value whose numbers have one, two (bfloat16) or four bytes; one-byte numbers follow their scale. */
INLINE long slot_bytes(int bytes, long dim) {
    return dim * bytes + (bytes == 1 ? sizeof(float) : 0);
}

/* What to multiply the numbers of a key or value by. */
INLINE float scale_of(int bytes, const char *slot) {
    return bytes == 1 ? *(const float *)slot : 1;
}

/* Loads 16 numbers of a key or value, without its scale. */
INLINE __m512 load_numbers(int bytes, const char *row, long from) {
    if (bytes == 4) return _mm512_loadu_ps((const float *)row + from);
    if (bytes == 1)
        return _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(
                _mm_loadu_si128((const __m128i *)(row + sizeof(float) + from))));
    __m256i narrow = _mm256_loadu_si256((const __m256i *)((const uint16_t *)row + from));
    return (__m512)_mm512_slli_epi32(_mm512_cvtepu16_epi32(narrow), 16);
}

INLINE void fetch(const char *from, long bytes) {
    for (long at = 0; at < bytes; at += 64) _mm_prefetch(from + at, _MM_HINT_T0);
}

INLINE float load_number(int bytes, const char *row, long i) {
    if (bytes == 4) return ((const float *)row)[i];
    if (bytes == 1) return scale_of(bytes, row) * ((const int8_t *)row)[sizeof(float) + i];
    union { uint32_t bits; float number; } wide = {.bits = (uint32_t)((const uint16_t *)row)[i] << 16};
    return wide.number;
}

/* Multiplies queries by the keys of a run, and fetches those of the next run: runs are too short for the processor's own
 * prefetch. */
INLINE void score_run(int bytes, int queries, run_t run, const char *next, heads_t heads, long first) {
    long size = slot_bytes(bytes, heads.dim);
    for (long slot = 0; slot < run.slots; slot += TOGETHER) {
        long left = run.slots - slot;
        if (next) fetch(next + slot * size, TOGETHER * size);
        const char *keys[TOGETHER];
        for (int k = 0; k < TOGETHER; k++) keys[k] = run.keys + (slot + (k < left ? k : left - 1)) * size;
        __m512 sums[QUERIES][TOGETHER];
#pragma GCC unroll 4
        for (int q = 0; q < queries; q++)
            for (int k = 0; k < TOGETHER; k++) sums[q][k] = _mm512_setzero_ps();
        for (long i = 0; i + LANES <= heads.dim; i += LANES) {
            __m512 of_keys[TOGETHER];
#pragma GCC unroll 4
            for (int k = 0; k < TOGETHER; k++) of_keys[k] = load_numbers(bytes, keys[k], i);
#pragma GCC unroll 4
            for (int q = 0; q < queries; q++) {
                __m512 x = _mm512_loadu_ps(heads.queries + q * heads.dim + i);
#pragma GCC unroll 4
                for (int k = 0; k < TOGETHER; k++) sums[q][k] = _mm512_fmadd_ps(x, of_keys[k], sums[q][k]);
            }
        }
        __mmask8 mask = left >= TOGETHER ? 15 : (1u << left) - 1;
        __m128 scales = _mm_setr_ps(scale_of(bytes, keys[0]), scale_of(bytes, keys[1]), scale_of(bytes, keys[2]),
                scale_of(bytes, keys[3]));
#pragma GCC unroll 4
        for (int q = 0; q < queries; q++) {
            __m128 four = folded_four(sums[q]);
            if (bytes == 1) four = _mm_mul_ps(four, scales);
            _mm_mask_storeu_ps(heads.weights + q * heads.stride + first + slot, mask, four);
        }
    }
    if (heads.dim % LANES == 0) return;
    for (int q = 0; q < queries; q++) {
        float *scores = heads.weights + q * heads.stride + first;
        for (long slot = 0; slot < run.slots; slot++)
            for (long i = heads.dim / LANES * LANES; i < heads.dim; i++)
                scores[slot] = __builtin_fmaf(heads.queries[q * heads.dim + i],
                        load_number(bytes, run.keys + slot * size, i), scores[slot]);
    }
}

INLINE float *output_of(heads_t heads, int query) {
    return heads.attended + query * (heads.dim + BEHIND_OUTPUT);
}

/* Adds the weighted values of all runs, in the order of the slots. */
INLINE void add_values(int bytes, int queries, int vectors, const run_t *runs, long count, heads_t heads, long from) {
    __m512 sums[QUERIES][TOGETHER];
#pragma GCC unroll 4
    for (int q = 0; q < queries; q++)
        for (int v = 0; v < vectors; v++) sums[q][v] = _mm512_setzero_ps();
    const float *weights = heads.weights;
    for (long r = 0; r < count; r++) {
        const char *value = runs[r].values;
        long to_next = r + 1 < count ? runs[r + 1].values - value : 0;
        for (long slot = 0; slot < runs[r].slots; slot++, weights++, value += slot_bytes(bytes, heads.dim)) {
            if (to_next) fetch(value + to_next + from * bytes, vectors * LANES * bytes);
            __m512 of_value[TOGETHER];
#pragma GCC unroll 4
            for (int v = 0; v < vectors; v++) of_value[v] = load_numbers(bytes, value, from + v * LANES);
#pragma GCC unroll 4
            for (int q = 0; q < queries; q++) {
                __m512 weight = _mm512_set1_ps(bytes == 1 ? weights[q * heads.stride] * scale_of(bytes, value)
                                                          : weights[q * heads.stride]);
#pragma GCC unroll 4
                for (int v = 0; v < vectors; v++) sums[q][v] = _mm512_fmadd_ps(weight, of_value[v], sums[q][v]);
            }
        }
    }
#pragma GCC unroll 4
    for (int q = 0; q < queries; q++)
        for (int v = 0; v < vectors; v++)
            _mm512_storeu_ps(output_of(heads, q) + from + v * LANES, sums[q][v]);
}

/* e^x, operation by operation as in the class Exponential. */
INLINE __m512 exponential(__m512 x) {
    __m512 clamped = _mm512_min_ps(_mm512_set1_ps(88), _mm512_max_ps(_mm512_set1_ps(-87), x));
    __m512 shifted = _mm512_fmadd_ps(clamped, _mm512_set1_ps(1.442695f), _mm512_set1_ps(0x1.8p23f));
    __m512 n = _mm512_sub_ps(shifted, _mm512_set1_ps(0x1.8p23f));
    __m512 r = _mm512_fmadd_ps(n, _mm512_set1_ps(-0x1.63p-1f), clamped);
    r = _mm512_fmadd_ps(n, _mm512_set1_ps(2.1219444e-4f), r);
    __m512 tail = _mm512_set1_ps(1.9875691e-4f);
    tail = _mm512_fmadd_ps(tail, r, _mm512_set1_ps(1.3981999e-3f));
    tail = _mm512_fmadd_ps(tail, r, _mm512_set1_ps(8.333452e-3f));
    tail = _mm512_fmadd_ps(tail, r, _mm512_set1_ps(4.1665796e-2f));
    tail = _mm512_fmadd_ps(tail, r, _mm512_set1_ps(0.16666666f));
    tail = _mm512_fmadd_ps(tail, r, _mm512_set1_ps(0.5f));
    __m512 power = _mm512_add_ps(_mm512_fmadd_ps(tail, _mm512_mul_ps(r, r), r), _mm512_set1_ps(1));
    return (__m512)_mm512_add_epi32((__m512i)power, _mm512_slli_epi32((__m512i)shifted, 23));
}

/* Replaces scores by weights that add up to 1, in the order of additions of the class Softmax.
 *
 * behind: receives the largest score and the sum of the powers */
INLINE void softmax(float *scores, long count, float factor, float *behind) {
    __m512 most = _mm512_set1_ps(-__builtin_inff());
    for (long i = 0; i < count; i += LANES) {
        __mmask16 mask = mask_of(count - i);
        __m512 scaled = _mm512_mul_ps(_mm512_maskz_loadu_ps(mask, scores + i), _mm512_set1_ps(factor));
        _mm512_mask_storeu_ps(scores + i, mask, scaled);
        most = _mm512_mask_max_ps(most, mask, most, scaled);
    }
    __m512 largest = _mm512_set1_ps(_mm512_reduce_max_ps(most));
    __m512 sums = _mm512_setzero_ps();
    long whole = count / LANES * LANES;
    for (long i = 0; i < whole; i += LANES) {
        __m512 power = exponential(_mm512_sub_ps(_mm512_loadu_ps(scores + i), largest));
        _mm512_storeu_ps(scores + i, power);
        sums = _mm512_add_ps(sums, power);
    }
    float sum = sum_of(sums);
    if (whole < count) {
        __mmask16 mask = mask_of(count - whole);
        __m512 power = exponential(_mm512_sub_ps(_mm512_maskz_loadu_ps(mask, scores + whole), largest));
        _mm512_mask_storeu_ps(scores + whole, mask, power);
        for (long i = whole; i < count; i++) sum += scores[i];
    }
    behind[0] = _mm512_cvtss_f32(largest);
    behind[1] = sum;
    float scale = 1 / sum;
    for (long i = 0; i < count; i++) scores[i] *= scale;
}

/* Multiplies scores by a factor and bounds them, operation by operation as in the class SoftCap. */
INLINE void soft_cap(float *scores, long count, float factor, float cap) {
    for (long i = 0; i < count; i += LANES) {
        __mmask16 mask = mask_of(count - i);
        __m512 scaled = _mm512_mul_ps(_mm512_maskz_loadu_ps(mask, scores + i), _mm512_set1_ps(2 * factor / cap));
        __m512 lacking = _mm512_div_ps(_mm512_set1_ps(2 * cap), _mm512_add_ps(exponential(scaled), _mm512_set1_ps(1)));
        _mm512_mask_storeu_ps(scores + i, mask, _mm512_sub_ps(_mm512_set1_ps(cap), lacking));
    }
}

/* Adds the weighted numbers at the end of values whose length is not a multiple of 16. */
INLINE void add_rest(int bytes, int queries, const run_t *runs, long count, heads_t heads) {
    long whole = heads.dim / LANES * LANES;
    for (int q = 0; q < queries; q++) {
        const float *weight = heads.weights + q * heads.stride;
        float sums[LANES] = {0};
        for (long r = 0; r < count; r++)
            for (long slot = 0; slot < runs[r].slots; slot++, weight++)
                for (long i = whole; i < heads.dim; i++)
                    sums[i - whole] = __builtin_fmaf(
                            *weight, load_number(bytes, runs[r].values + slot * slot_bytes(bytes, heads.dim), i),
                            sums[i - whole]);
        for (long i = whole; i < heads.dim; i++) output_of(heads, q)[i] = sums[i - whole];
    }
}

INLINE void attend(int bytes, int queries, const run_t *runs, long count, float factor, float cap, heads_t heads) {
    long slots = 0;
    for (long r = 0; r < count; r++) {
        score_run(bytes, queries, runs[r], r + 1 < count ? runs[r + 1].keys : runs[0].values, heads, slots);
        slots += runs[r].slots;
    }
    for (int q = 0; q < queries; q++) {
        float *scores = heads.weights + q * heads.stride;
        if (cap > 0) soft_cap(scores, slots, factor, cap);
        softmax(scores, slots, cap > 0 ? 1 : factor, output_of(heads, q) + heads.dim);
    }
    for (long from = 0; from < heads.dim; from += TOGETHER * LANES) {
        switch ((heads.dim - from) / LANES) {
            case 0: break;
            case 1: add_values(bytes, queries, 1, runs, count, heads, from); break;
            case 2: add_values(bytes, queries, 2, runs, count, heads, from); break;
            case 3: add_values(bytes, queries, 3, runs, count, heads, from); break;
            default: add_values(bytes, queries, 4, runs, count, heads, from); break;
        }
    }
    if (heads.dim % LANES != 0) add_rest(bytes, queries, runs, count, heads);
}

#define ATTEND_CASE(bytes, n) \
    case n: attend(bytes, n, runs, count, factor, cap, heads); break;
#define ATTEND(bytes) \
    switch (some) { ATTEND_CASE(bytes, 1) ATTEND_CASE(bytes, 2) ATTEND_CASE(bytes, 3) default: ATTEND_CASE(bytes, 4) }

/* The attention of queries that share a key-value head, with the same bits as the kernels in Java.
 *
 * bytes:    of a number in the cache, 1, 2 (bfloat16) or 4
 * runs:     at least one slot
 * factor:   of the scores
 * cap:      their bound, 0 for none
 * dim:      width of a head
 * x:        [queries, dim]
 * attended: [queries, dim + BEHIND_OUTPUT]
 * weights:  [queries, stride], memory for the scores, stride at least the number of slots */
KERNEL static void attend_heads(int bytes, const run_t *runs, long count, float factor, float cap, long dim, int queries,
        const float *x, float *attended, float *weights, long stride) {
    for (int q = 0; q < queries; q += QUERIES) {
        int some = queries - q < QUERIES ? queries - q : QUERIES;
        heads_t heads = {x + q * dim, attended + q * (dim + BEHIND_OUTPUT), weights + q * stride, stride, dim};
        switch (bytes) {
            case 4: ATTEND(4) break;
            case 2: ATTEND(2) break;
            default: ATTEND(1) break;
        }
    }
}

/* ---- attention in tile registers ----
 *
 * For keys and values in bfloat16. Up to 16 queries, the columns, share the keys that are read: those of a key-value head
 * of one or more rows, which see the same keys, each up to its own end. Queries and the weights of values are rounded to
 * bfloat16. Keys are taken in blocks that begin at multiples of 64 slots. A column's sums are lowered to its largest score
 * so far in each block. What another column sees changes a column's operations only by factors of 1 and terms of 0, so that
 * a row's result has the same bits alone and among others.
 *
 * While the scores of a block are multiplied, those of the block before are made weights. Keys and values of eight bits do
 * not lie as tiles need them; to arrange them took longer than the products saved where a row has few queries. */

enum {
    COLUMNS = 16,
    SLOTS = 64,
    SLOT_GROUPS = SLOTS / LANES,
    WIDEST_HEAD = 256,
    HEAD_STEPS = WIDEST_HEAD / STEP,
    WIDEST_SLOT = 2 * WIDEST_HEAD,
    /* Bits of the control register. */
    FLUSH_TO_ZERO = 0x8000,
    DENORMALS_ARE_ZEROS = 0x40,
};

/* The rows that are computed together.
 *
 * queries:  of the first row, [of_row, dim]; those of the next row are `stride` numbers further
 * attended: [rows, of_row, dim + BEHIND_OUTPUT]
 * seen:     for each row, its first slot in the runs, and the slot behind its last */
typedef struct {
    const float *queries;
    float *attended;
    const int32_t *seen;
    long dim, of_row, rows, stride;
} columns_t;

/* Sixteen slots that are contiguous in memory. */
typedef struct {
    const char *keys, *values;
} group_t;

/* A block of slots. */
typedef struct {
    group_t groups[SLOT_GROUPS];
    int count;
    _Alignas(64) __m512i scores[SLOT_GROUPS][LANES]; /* slots by columns, then columns by slots */
    char copies[SLOT_GROUPS][2][LANES * WIDEST_SLOT];
} block_t;

/* Operands of tile instructions, and what the columns have so far. */
typedef struct {
    _Alignas(64) __m512i queries[HEAD_STEPS][COLUMNS];       /* pairs of numbers by columns */
    __m512i keys[HEAD_STEPS][SLOTS];                         /* if they cannot be read in place */
    __m512i weights[SLOTS / STEP][COLUMNS];                  /* columns by pairs of slots */
    __m512i values[SLOTS / STEP][WIDEST_HEAD / LANES][COLUMNS]; /* pairs of slots by numbers */
    __m512 sums[WIDEST_HEAD / LANES + 1][COLUMNS];             /* columns by numbers */
    __m512 few_weights[FEW][SLOT_GROUPS];                    /* weights, if there are few columns */
    __m512 totals[COLUMNS];
    float largest[COLUMNS];
    block_t blocks[3];
} attention_t;

/* The transpose of 16 rows of 16 numbers of 32 bits. */
INLINE void transpose(__m512i r[LANES]) {
    __m512i t[LANES];
#pragma GCC unroll 16
    for (int i = 0; i < LANES; i += 2) {
        t[i] = _mm512_unpacklo_epi32(r[i], r[i + 1]);
        t[i + 1] = _mm512_unpackhi_epi32(r[i], r[i + 1]);
    }
#pragma GCC unroll 16
    for (int i = 0; i < LANES; i += 4)
        for (int j = 0; j < 2; j++) {
            r[i + 2 * j] = _mm512_unpacklo_epi64(t[i + j], t[i + j + 2]);
            r[i + 2 * j + 1] = _mm512_unpackhi_epi64(t[i + j], t[i + j + 2]);
        }
#pragma GCC unroll 4
    for (int c = 0; c < 4; c++) {
        t[c] = _mm512_shuffle_i32x4(r[c], r[4 + c], 0x88);
        t[4 + c] = _mm512_shuffle_i32x4(r[c], r[4 + c], 0xdd);
        t[8 + c] = _mm512_shuffle_i32x4(r[8 + c], r[12 + c], 0x88);
        t[12 + c] = _mm512_shuffle_i32x4(r[8 + c], r[12 + c], 0xdd);
    }
#pragma GCC unroll 4
    for (int c = 0; c < 4; c++) {
        r[c] = _mm512_shuffle_i32x4(t[c], t[8 + c], 0x88);
        r[8 + c] = _mm512_shuffle_i32x4(t[c], t[8 + c], 0xdd);
        r[4 + c] = _mm512_shuffle_i32x4(t[4 + c], t[12 + c], 0x88);
        r[12 + c] = _mm512_shuffle_i32x4(t[4 + c], t[12 + c], 0xdd);
    }
}

/* The first four rows of a transpose. */
INLINE void transpose_four(__m512i r[LANES]) {
    __m512i fours[4], even[2], odd[2];
    const __m512i zeroth = _mm512_setr_epi32(0, 4, 8, 12, 16, 20, 24, 28, 1, 5, 9, 13, 17, 21, 25, 29);
    const __m512i second = _mm512_add_epi32(zeroth, _mm512_set1_epi32(2));
    for (int i = 0; i < 4; i++) {
        fours[i] = _mm512_castsi128_si512(_mm_load_si128((const __m128i *)(r + 4 * i)));
        fours[i] = _mm512_inserti32x4(fours[i], _mm_load_si128((const __m128i *)(r + 4 * i + 1)), 1);
        fours[i] = _mm512_inserti32x4(fours[i], _mm_load_si128((const __m128i *)(r + 4 * i + 2)), 2);
        fours[i] = _mm512_inserti32x4(fours[i], _mm_load_si128((const __m128i *)(r + 4 * i + 3)), 3);
    }
    for (int i = 0; i < 2; i++) {
        even[i] = _mm512_permutex2var_epi32(fours[2 * i], zeroth, fours[2 * i + 1]);
        odd[i] = _mm512_permutex2var_epi32(fours[2 * i], second, fours[2 * i + 1]);
    }
    r[0] = _mm512_shuffle_i32x4(even[0], even[1], 0x44);
    r[1] = _mm512_shuffle_i32x4(even[0], even[1], 0xee);
    r[2] = _mm512_shuffle_i32x4(odd[0], odd[1], 0x44);
    r[3] = _mm512_shuffle_i32x4(odd[0], odd[1], 0xee);
}

/* Whether there are so few columns that to arrange the values for tiles takes longer than tiles save. */
INLINE int is_few(columns_t of) {
    return of.rows * of.of_row <= FEW;
}

INLINE long column_at(columns_t of, int column) {
    return column / of.of_row * of.stride + column % of.of_row * of.dim;
}

/* Loads 32 numbers of a row in bfloat16; zeros behind its end. */
INLINE __m512i load_step(const char *row, long left) {
    return _mm512_maskz_loadu_epi16(left >= STEP ? ~0u : (1u << left) - 1, row);
}

INLINE void take_queries(columns_t of, attention_t *a) {
    for (long i = 0; i < of.dim; i += STEP) {
        __m512i *pairs = a->queries[i / STEP];
        for (int c = 0; c < COLUMNS; c++) {
            pairs[c] = _mm512_setzero_si512();
            if (c >= of.rows * of.of_row) continue;
            const float *query = of.queries + column_at(of, c);
            __m512i first = _mm512_castsi256_si512(rounded(query, i, of.dim));
            pairs[c] = _mm512_inserti64x4(first, rounded(query, i + LANES, of.dim), 1);
        }
        transpose(pairs);
    }
    for (int c = 0; c < COLUMNS; c++) {
        a->largest[c] = -3e38f;
        a->totals[c] = _mm512_setzero_ps();
        for (long i = 0; i < of.dim + LANES; i += LANES) a->sums[i / LANES][c] = _mm512_setzero_ps();
    }
}

/* Where the next slots are: a run, and a slot in it. */
typedef struct {
    const run_t *run;
    long slot;
} place_t;

/* Takes up to 16 slots; if they are not contiguous, or fewer, they are copied, with zeros behind the last. */
INLINE group_t take_group(place_t *at, long count, long size, char copies[2][LANES * WIDEST_SLOT]) {
    if (at->slot == at->run->slots) at->run++, at->slot = 0;
    if (count >= LANES && at->slot + LANES <= at->run->slots) {
        group_t group = {at->run->keys + at->slot * size, at->run->values + at->slot * size};
        at->slot += LANES;
        return group;
    }
    for (long k = 0; k < LANES; k++) {
        if (k >= count) {
            __builtin_memset(copies[0] + k * size, 0, size);
            __builtin_memset(copies[1] + k * size, 0, size);
            continue;
        }
        if (at->slot == at->run->slots) at->run++, at->slot = 0;
        __builtin_memcpy(copies[0] + k * size, at->run->keys + at->slot * size, size);
        __builtin_memcpy(copies[1] + k * size, at->run->values + at->slot * size, size);
        at->slot++;
    }
    return (group_t){copies[0], copies[1]};
}

/* Takes the next block, of at most `left` slots. */
INLINE void take_block(place_t *at, long left, long size, block_t *to) {
    to->count = left < SLOTS ? left : SLOTS;
    for (int g = 0; g * LANES < to->count; g++) {
        to->groups[g] = take_group(at, to->count - g * LANES, size, to->copies[g]);
    }
}

/* Fetches the keys and values of two slots; spread over other work, because a burst of fetches is slow. */
INLINE void fetch_two(const block_t *block, int k, long size) {
    if (k >= block->count) return;
    fetch(block->groups[k / LANES].keys + k % LANES * size, 2 * size);
    fetch(block->groups[k / LANES].values + k % LANES * size, 2 * size);
}

INLINE void take_keys(const block_t *block, long dim, attention_t *a) {
    for (int k = 0; k < block->count; k++)
        for (long i = 0; i < dim; i += STEP)
            a->keys[i / STEP][k] = load_step(block->groups[k / LANES].keys + (k % LANES * dim + i) * 2, dim - i);
}

/* Multiplies the keys of a block by the queries. */
INLINE_TILES void score_block(block_t *block, long dim, attention_t *a) {
    const int are_in_place = dim % STEP == 0;
    const long stride = are_in_place ? dim * 2 : BYTES, step = are_in_place ? BYTES : (long)sizeof a->keys[0];
    const char *keys[SLOT_GROUPS];
    if (!are_in_place) take_keys(block, dim, a);
    for (int g = 0; g < SLOT_GROUPS; g++)
        keys[g] = are_in_place ? block->groups[g].keys : (const char *)(a->keys[0] + g * LANES);
    clear_sums();
    for (int s = 0; s * STEP < dim; s++) {
        _tile_loadd(6, a->queries[s], BYTES);
        _tile_loadd(4, keys[0] + s * step, stride);
        _tile_dpbf16ps(0, 4, 6);
        if (block->count > LANES) {
            _tile_loadd(5, keys[1] + s * step, stride);
            _tile_dpbf16ps(1, 5, 6);
        }
        if (block->count > 2 * LANES) {
            _tile_loadd(4, keys[2] + s * step, stride);
            _tile_dpbf16ps(2, 4, 6);
        }
        if (block->count > 3 * LANES) {
            _tile_loadd(5, keys[3] + s * step, stride);
            _tile_dpbf16ps(3, 5, 6);
        }
    }
    store_sums((void *)block->scores);
}

/* The order of 16-bit numbers that interleaves 16 numbers of two vectors, from a place in both. */
INLINE __m512i interleaved_from(int place) {
    uint16_t places[PAIRS];
    for (int e = 0; e < PAIRS; e++) places[e] = e % 2 * PAIRS + e / 2 + place;
    return _mm512_loadu_si512(places);
}

/* Arranges the values of a block for tiles, as pairs of slots, and fetches a later block. */
INLINE void take_values(const block_t *block, const block_t *later, long dim, attention_t *a) {
    const __m512i low = interleaved_from(0), high = interleaved_from(LANES);
    for (int k = 0; k < block->count || k % STEP != 0; k += 2) {
        int present = k < block->count; /* groups are padded with zeros, but not the block */
        const char *even = present ? block->groups[k / LANES].values + k % LANES * dim * 2 : 0;
        fetch_two(later, k, dim * 2);
        for (long i = 0; i < dim; i += STEP) {
            __m512i x = load_step(even + i * 2, present ? dim - i : 0);
            __m512i y = load_step(even + (dim + i) * 2, present ? dim - i : 0);
            __m512i *tile = a->values[k / STEP][i / LANES] + k % STEP / 2;
            tile[0] = _mm512_permutex2var_epi16(x, low, y);
            tile[COLUMNS] = _mm512_permutex2var_epi16(x, high, y);
        }
    }
}

/* The first `count` lanes. */
INLINE __mmask16 first_lanes(long count) {
    return count <= 0 ? 0 : mask_of(count);
}

/* Replaces a column's scores by weights relative to its largest score so far, and lowers its sums to it.
 *
 * first, end: the slots that the column sees, counted from the block's first */
INLINE void weigh_column(const block_t *block, long first, long end, float factor, columns_t of, int c, attention_t *a) {
    __m512 scores[SLOT_GROUPS], largest = _mm512_set1_ps(a->largest[c]);
    __mmask16 seen[SLOT_GROUPS];
    for (int g = 0; g < SLOT_GROUPS; g++) {
        seen[g] = first_lanes(end - g * LANES) & ~first_lanes(first - g * LANES);
        scores[g] = _mm512_mul_ps((__m512)block->scores[g][c], _mm512_set1_ps(factor));
        largest = _mm512_mask_max_ps(largest, seen[g], largest, scores[g]);
    }
    float most = _mm512_reduce_max_ps(largest);
    largest = _mm512_set1_ps(most);
    if (most != a->largest[c]) {
        __m512 lowered = exponential(_mm512_sub_ps(_mm512_set1_ps(a->largest[c]), largest));
        a->totals[c] = _mm512_mul_ps(a->totals[c], lowered);
        for (long i = 0; i < of.dim; i += LANES) a->sums[i / LANES][c] = _mm512_mul_ps(a->sums[i / LANES][c], lowered);
        a->largest[c] = most;
    }
    for (int g = 0; g < SLOT_GROUPS; g++) {
        scores[g] = _mm512_maskz_mov_ps(seen[g], exponential(_mm512_sub_ps(scores[g], largest)));
        a->totals[c] = _mm512_add_ps(a->totals[c], scores[g]);
        if (is_few(of)) {
            __m512i rounded = _mm512_cvtepu16_epi32((__m256i)_mm512_cvtneps_pbh(scores[g]));
            a->few_weights[c][g] = (__m512)_mm512_slli_epi32(rounded, 16);
        }
    }
    for (int s = 0; s < SLOTS / STEP && !is_few(of); s++)
        a->weights[s][c] = (__m512i)_mm512_cvtne2ps_pbh(scores[2 * s + 1], scores[2 * s]);
}

/* Makes weights of a block's scores. */
INLINE void weigh_block(block_t *block, long from, float factor, columns_t of, attention_t *a) {
    for (int g = 0; g * LANES < block->count; g++) {
        if (is_few(of)) transpose_four(block->scores[g]);
        else transpose(block->scores[g]);
    }
    for (int c = 0; c < of.rows * of.of_row; c++) {
        const int32_t *seen = of.seen + 2 * (c / of.of_row);
        weigh_column(block, seen[0] - from, seen[1] - from, factor, of, c, a);
    }
}

/* Adds the weighted values of a block to the sums of 32 numbers of a value. */
INLINE_TILES void add_step(int count, attention_t *a, int step) {
    __m512(*sums)[COLUMNS] = a->sums + 2 * step;
    _tile_loadd(0, sums[0], BYTES);
    _tile_loadd(1, sums[1], BYTES);
    for (int s = 0; s * STEP < count; s++) {
        _tile_loadd(4, a->weights[s], BYTES);
        _tile_loadd(6, a->values[s][2 * step], BYTES);
        _tile_dpbf16ps(0, 4, 6);
        _tile_loadd(7, a->values[s][2 * step + 1], BYTES);
        _tile_dpbf16ps(1, 4, 7);
    }
    _tile_stored(0, sums[0], BYTES);
    _tile_stored(1, sums[1], BYTES);
}

/* Adds the weighted values of a block to the sums of 32 numbers of few columns, with the operations of add_step: the
 * instruction adds the products of even and of odd slots apart, then both to the sum. */
INLINE void add_few(int columns, const block_t *block, const block_t *later, long dim, long from, attention_t *a) {
    for (int first = 0; first < block->count; first += STEP) {
        __m512 sums[2][FEW][2];
        for (int c = 0; c < columns; c++)
            for (int v = 0; v < 2; v++) sums[0][c][v] = sums[1][c][v] = _mm512_setzero_ps();
        for (int k = first; k < first + STEP && k < block->count; k += 2) {
            const char *value = block->groups[k / LANES].values + (k % LANES * dim + from) * 2;
            if (from == 0) fetch_two(later, k, dim * 2);
#pragma GCC unroll 2
            for (int odd = 0; odd < 2; odd++) {
                __m512i both = load_step(value + odd * dim * 2, dim - from);
                __m512 numbers[2];
#pragma GCC unroll 2
                for (int v = 0; v < 2; v++)
                    numbers[v] = (__m512)_mm512_slli_epi32(
                            _mm512_cvtepu16_epi32(_mm512_extracti64x4_epi64(both, v)), 16);
#pragma GCC unroll 4
                for (int c = 0; c < columns; c++) {
                    __m512 weight = _mm512_set1_ps(((const float *)a->few_weights[c])[k + odd]);
#pragma GCC unroll 2
                    for (int v = 0; v < 2; v++) sums[odd][c][v] = _mm512_fmadd_ps(weight, numbers[v], sums[odd][c][v]);
                }
            }
        }
        for (int c = 0; c < columns; c++)
            for (int v = 0; v < 2; v++) {
                __m512 *sum = &a->sums[from / LANES + v][c];
                *sum = _mm512_add_ps(*sum, _mm512_add_ps(sums[0][c][v], sums[1][c][v]));
            }
    }
}

INLINE_TILES void add_block(const block_t *block, const block_t *later, columns_t of, attention_t *a) {
    for (long i = 0; i < of.dim; i += STEP) {
        switch (of.rows * of.of_row) {
            case 1: add_few(1, block, later, of.dim, i, a); break;
            case 2: add_few(2, block, later, of.dim, i, a); break;
            case 3: add_few(3, block, later, of.dim, i, a); break;
            case 4: add_few(4, block, later, of.dim, i, a); break;
            default: add_step(block->count, a, i / STEP); break;
        }
    }
}

/* Writes the sums, divided by the totals of the weights. Tells whether all are finite. */
INLINE int keep_attended(columns_t of, const attention_t *a) {
    __mmask16 others = 0;
    for (int c = 0; c < of.rows * of.of_row; c++) {
        float *attended = of.attended + c * (of.dim + BEHIND_OUTPUT), total = sum_of(a->totals[c]);
        __m512 factor = _mm512_set1_ps(1 / total);
        for (long i = 0; i < of.dim; i += LANES) {
            __mmask16 mask = mask_of(of.dim - i);
            __m512 number = _mm512_mul_ps(a->sums[i / LANES][c], factor);
            others |= _mm512_mask_cmp_ps_mask(mask, _mm512_sub_ps(number, number), _mm512_setzero_ps(), _CMP_NEQ_UQ);
            _mm512_mask_storeu_ps(attended + i, mask, number);
        }
        attended[of.dim] = a->largest[c];
        attended[of.dim + 1] = total;
    }
    return !others;
}

/* The attention of queries of some rows that share a key-value head. Tells whether all results are finite.
 *
 * a: memory for the computation, aligned to 64 bytes; too large for a small stack */
TILES static int attend_in_tiles(const run_t *runs, float factor, columns_t of, attention_t *a) {
    block_t *const blocks = a->blocks;
    place_t at = {runs, 0};
    long slots = 0;
    for (int r = 0; r < of.rows; r++) slots = of.seen[2 * r + 1] > slots ? of.seen[2 * r + 1] : slots;
    const long count = (slots + SLOTS - 1) / SLOTS;
    /* Tile instructions take denormal numbers for 0. */
    const unsigned control = _mm_getcsr();
    _mm_setcsr(control | FLUSH_TO_ZERO | DENORMALS_ARE_ZEROS);
    configure(TILE_ROWS);
    take_queries(of, a);
    take_block(&at, slots, of.dim * 2, &blocks[0]);
    take_block(&at, slots - SLOTS, of.dim * 2, &blocks[1]);
    score_block(&blocks[0], of.dim, a);
    for (long b = 0; b < count; b++) {
        block_t *block = &blocks[b % 3], *next = &blocks[(b + 1) % 3], *later = &blocks[(b + 2) % 3];
        take_block(&at, slots - (b + 2) * SLOTS, of.dim * 2, later);
        if (!is_few(of)) take_values(block, later, of.dim, a);
        if (b + 1 < count) score_block(next, of.dim, a);
        weigh_block(block, b * SLOTS, factor, of, a);
        add_block(block, later, of, a);
    }
    _tile_release();
    int are_finite = keep_attended(of, a);
    _mm_setcsr(control);
    return are_finite;
}

/* ---- operations on rows, with the same bits as the class JavaRowKernels ---- */

INLINE float dot(const float *a, const float *b, long count) {
    __m512 sums = _mm512_setzero_ps();
    long i = 0;
    for (; i + LANES <= count; i += LANES) sums = _mm512_fmadd_ps(_mm512_loadu_ps(a + i), _mm512_loadu_ps(b + i), sums);
    float sum = sum_of(sums);
    for (; i < count; i++) sum = __builtin_fmaf(a[i], b[i], sum);
    return sum;
}

/* out = x / sqrt(mean(x^2) + eps) * weight for each row; out may be x */
KERNEL static void normalise(const float *x, const float *weight, float *out, long rows, long width, double eps) {
    for (; rows > 0; rows--, x += width, out += width) {
        double root = _mm_cvtsd_f64(_mm_sqrt_pd(_mm_set1_pd((double)dot(x, x, width) / width + eps)));
        __m512 factor = _mm512_set1_ps((float)(1 / root));
        for (long i = 0; i < width; i += LANES) {
            __mmask16 mask = mask_of(width - i);
            __m512 scaled = _mm512_mul_ps(_mm512_maskz_loadu_ps(mask, x + i), factor);
            _mm512_mask_storeu_ps(out + i, mask, _mm512_mul_ps(scaled, _mm512_maskz_loadu_ps(mask, weight + i)));
        }
    }
}

/* out = f(gate) * up for each row of gates and ups, with SiLU or GELU as f */
KERNEL static void activate(int is_gelu, const float *x, float *out, long rows, long inner) {
    for (; rows > 0; rows--, x += 2 * inner, out += inner) {
        for (long i = 0; i < inner; i += LANES) {
            __mmask16 mask = mask_of(inner - i);
            __m512 gate = _mm512_maskz_loadu_ps(mask, x + i), up = _mm512_maskz_loadu_ps(mask, x + inner + i);
            __m512 p = gate;
            if (is_gelu) {
                __m512 cubic = _mm512_set1_ps(0.071354814f), linear = _mm512_set1_ps(1.5957692f);
                p = _mm512_mul_ps(_mm512_fmadd_ps(_mm512_mul_ps(gate, gate), cubic, linear), gate);
            }
            __m512 power = exponential(_mm512_xor_ps(p, _mm512_set1_ps(-0.0f)));
            __m512 activated = _mm512_div_ps(gate, _mm512_add_ps(power, _mm512_set1_ps(1)));
            _mm512_mask_storeu_ps(out + i, mask, _mm512_mul_ps(activated, up));
        }
    }
}

/* Adds the weighted sum of rows to `sums`. */
KERNEL static void add_weighted(const float *weights, const float *rows, float *sums, long count, long width) {
    for (long i = 0; i < width; i += LANES) {
        __mmask16 mask = mask_of(width - i);
        __m512 sum = _mm512_maskz_loadu_ps(mask, sums + i);
        for (long row = 0; row < count; row++)
            sum = _mm512_fmadd_ps(_mm512_maskz_loadu_ps(mask, rows + row * width + i), _mm512_set1_ps(weights[row]), sum);
        _mm512_mask_storeu_ps(sums + i, mask, sum);
    }
}

/* Writes a key or value in eight bits. A number that is not finite makes the scale so. */
KERNEL static void store_in_eight_bits(const float *x, float *slot, long dim) {
    __m512i most = _mm512_setzero_si512();
    for (long i = 0; i < dim; i += LANES) {
        __m512 some = _mm512_maskz_loadu_ps(mask_of(dim - i), x + i);
        most = _mm512_max_epu32(most, _mm512_and_si512((__m512i)some, _mm512_set1_epi32(0x7fffffff)));
    }
    union { uint32_t bits; float number; } largest = {.bits = _mm512_reduce_max_epu32(most)};
    __m512 factor = _mm512_set1_ps(largest.number > 1e-30f ? 127 / largest.number : 0);
    *slot = largest.number / 127;
    for (long i = 0; i < dim; i += LANES) {
        __mmask16 mask = mask_of(dim - i);
        __m512 scaled = _mm512_mul_ps(_mm512_maskz_loadu_ps(mask, x + i), factor);
        _mm_mask_storeu_epi8((int8_t *)(slot + 1) + i, mask, _mm512_cvtsepi32_epi8(_mm512_cvtps_epi32(scaled)));
    }
}

/* The largest of some numbers; not a number if there is such a one. */
KERNEL static double largest(const float *x, long count) {
    __m512 most = _mm512_set1_ps(-__builtin_inff());
    __mmask16 unordered = 0;
    for (long i = 0; i < count; i += LANES) {
        __m512 some = _mm512_mask_loadu_ps(most, mask_of(count - i), x + i);
        unordered |= _mm512_cmp_ps_mask(some, some, _CMP_UNORD_Q);
        most = _mm512_max_ps(most, some);
    }
    return unordered ? __builtin_nan("") : _mm512_reduce_max_ps(most);
}

/* The sum of e^(x - highest) over whole vectors, in float for each block of 512 numbers. */
KERNEL static double exponential_sum(const float *x, long count, double highest) {
    const __m512 most = _mm512_set1_ps(highest);
    double sum = 0;
    long i = 0;
    while (i + LANES <= count) {
        __m512 sums = _mm512_setzero_ps();
        for (int vector = 0; vector < 32 && i + LANES <= count; vector++, i += LANES)
            sums = _mm512_add_ps(sums, exponential(_mm512_sub_ps(_mm512_loadu_ps(x + i), most)));
        sum += sum_of(sums);
    }
    return sum;
}

/* ---- the functions that Java calls ----
 *
 * All have the same parameters, so that the JVM makes one stub for all of them. */

#define UNUSED __attribute__((unused))
#define FUNCTION(name) \
    double name(void *a UNUSED, void *b UNUSED, void *c UNUSED, void *d UNUSED, long i UNUSED, long j UNUSED, \
            long k UNUSED, long l UNUSED, long m UNUSED, long n UNUSED, double x UNUSED)

FUNCTION(saiki_is_supported) { return is_supported(i); }
FUNCTION(saiki_round) { round_rows(i, a, j, k, l, m, b); return 0; }
FUNCTION(saiki_multiply) { multiply(i, a, b, j, k, l, c, m, d, n); return 0; }
FUNCTION(saiki_attend) {
    union { uint32_t bits; float number; } cap = {.bits = n};
    attend_heads(i, a, j, x, cap.number, k, l, b, c, d, m);
    return 0;
}
FUNCTION(saiki_attend_in_tiles) { return attend_in_tiles(a, x, (columns_t){b, c, d, i, j, k, l}, (attention_t *)m); }
FUNCTION(saiki_attention_bytes) { return sizeof(attention_t); }
KERNEL FUNCTION(saiki_dot) { return dot(a, b, j); }
FUNCTION(saiki_normalise) { normalise(a, b, c, i, j, x); return 0; }
FUNCTION(saiki_activate) { activate(x != 0, a, c, i, j); return 0; }
FUNCTION(saiki_add_weighted) { add_weighted(a, b, c, i, j); return 0; }
FUNCTION(saiki_store_in_eight_bits) { store_in_eight_bits(a, c, j); return 0; }
FUNCTION(saiki_largest) { return largest(a, j); }
FUNCTION(saiki_exponential_sum) { return exponential_sum(a, j, x); }
