package dev.saiki.engine.kernel;

/// The attention of queries to a part of their keys: for each query, the weighted mean of the values, the
/// largest score, and the sum of e^(score - largest score) over the keys. With the last two, parts are added up to
/// the attention to all keys.
public final class AttentionPart {

    private static final int BEHIND_OUTPUT = 2;

    private final int dim;
    private final float[] numbers;

    /// Makes the part of queries that see none of the keys.
    ///
    /// @param queries number of queries
    /// @param dim width of a head
    AttentionPart(int queries, int dim) {
        this.dim = dim;
        this.numbers = new float[queries * (dim + BEHIND_OUTPUT)];
    }

    /// For each query its output, `[dim]`, its largest score and the sum of the powers, which is 0 for a query
    /// that sees none of the keys.
    float[] numbers() {
        return numbers;
    }

    /// The index of a query's output.
    int indexOf(int query) {
        return query * (dim + BEHIND_OUTPUT);
    }

    /// Adds the attention to the next keys. The result depends on the order of additions, in its last bits.
    ///
    /// @param next attention of the same queries
    public void add(AttentionPart next) {
        for (int from = 0; from < numbers.length; from += dim + BEHIND_OUTPUT) {
            int largest = from + dim;
            int sum = largest + 1;
            if (next.numbers[sum] == 0) {
                continue;
            }
            if (numbers[sum] == 0) {
                System.arraycopy(next.numbers, from, numbers, from, dim + BEHIND_OUTPUT);
            } else {
                float most = Math.max(numbers[largest], next.numbers[largest]);
                float kept = numbers[sum] * power(numbers[largest] - most);
                float added = next.numbers[sum] * power(next.numbers[largest] - most);
                numbers[largest] = most;
                numbers[sum] = kept + added;
                kept /= numbers[sum];
                added /= numbers[sum];
                for (int i = from; i < from + dim; i++) {
                    numbers[i] = Math.fma(added, next.numbers[i], kept * numbers[i]);
                }
            }
        }
    }

    /// e^x with the same bits in interpreted and in compiled code.
    private static float power(float x) {
        return (float) StrictMath.exp(x);
    }

    /// Copies outputs of neighbouring queries.
    ///
    /// @param query first query
    /// @param count number of queries
    /// @param attended array that receives the outputs, `[count, dim]`
    /// @param to index of the first output in the array
    public void copyTo(int query, int count, float[] attended, int to) {
        for (int i = 0; i < count; i++) {
            System.arraycopy(numbers, indexOf(query + i), attended, to + i * dim, dim);
        }
    }
}
