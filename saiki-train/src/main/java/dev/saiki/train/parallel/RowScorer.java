package dev.saiki.train.parallel;

import dev.saiki.model.ModelWeights;
import dev.saiki.model.Precision;
import dev.saiki.model.ScoreOptions;
import dev.saiki.model.ScoredSequence;
import dev.saiki.model.TeacherForcedScorer;
import dev.saiki.tensor.ProcessGroup;
import dev.saiki.tensor.TorchRuntime;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;

/// A parallel scorer of rows, on the threads of all processes of a group.
///
/// Rows are scored in blocks whose size depends only on the rows, each block on one thread, so that the scores are
/// bit-identical for any number of threads and processes. Every process gets all scores.
///
/// @param group the processes
/// @param threads the number of threads in this process, at least 1
public record RowScorer(ProcessGroup group, int threads) {

    /// The maximum number of tokens in a block, which bounds its memory.
    private static final int TOKENS_PER_BLOCK = 4096;

    /// The forward options for a block of rows.
    @FunctionalInterface
    public interface BlockOptions {

        /// Returns the forward options for scoring.
        ///
        /// @param first the index of the first row
        /// @param end the index after the last row
        /// @return the options of these rows
        ScoreOptions of(int first, int end);
    }

    private record Block(int first, int end) {}

    /// Scores rows in float32.
    ///
    /// @param weights the weights, the same in every process
    /// @param rows the token ids of each row, the same in every process
    /// @param options the routing options
    /// @return one result per row, in order
    public List<ScoredSequence> score(ModelWeights weights, List<int[]> rows, BlockOptions options) {
        List<Block> blocks = blocks(rows);
        List<Block> mine = IntStream.range(0, blocks.size())
                .filter(number -> number % group.size() == group.rank())
                .mapToObj(blocks::get)
                .toList();
        List<List<ScoredSequence>> scored = scoreMine(weights, rows, mine, options);
        List<List<List<ScoredSequence>>> all = group.size() == 1
                ? List.of(scored)
                : group.gather(write(scored)).stream().map(RowScorer::read).toList();
        return IntStream.range(0, blocks.size())
                .mapToObj(number -> all.get(number % group.size()).get(number / group.size()))
                .flatMap(List::stream)
                .toList();
    }

    private static List<Block> blocks(List<int[]> rows) {
        int longest = rows.stream().mapToInt(row -> row.length).max().orElse(1);
        int size = Math.max(1, TOKENS_PER_BLOCK / longest);
        List<Block> blocks = new ArrayList<>();
        for (int first = 0; first < rows.size(); first += size) {
            blocks.add(new Block(first, Math.min(first + size, rows.size())));
        }
        return blocks;
    }

    private List<List<ScoredSequence>> scoreMine(
            ModelWeights weights, List<int[]> rows, List<Block> blocks, BlockOptions options) {
        try (ExecutorService executor = Executors.newFixedThreadPool(threads)) {
            List<Future<List<List<ScoredSequence>>>> futures = IntStream.range(0, threads)
                    .mapToObj(thread -> executor.submit(
                            () -> TorchRuntime.onOneThread(() -> scoreEvery(thread, weights, rows, blocks, options))))
                    .toList();
            List<List<List<ScoredSequence>>> ofThreads = new ArrayList<>();
            for (Future<List<List<ScoredSequence>>> future : futures) {
                ofThreads.add(future.get());
            }
            return IntStream.range(0, blocks.size())
                    .mapToObj(number -> ofThreads.get(number % threads).get(number / threads))
                    .toList();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while rows were scored", e);
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        }
    }

    private List<List<ScoredSequence>> scoreEvery(
            int thread, ModelWeights weights, List<int[]> rows, List<Block> blocks, BlockOptions options) {
        if (thread >= blocks.size()) {
            return List.of();
        }
        try (TeacherForcedScorer scorer = new TeacherForcedScorer(weights, Precision.FLOAT32)) {
            List<List<ScoredSequence>> scored = new ArrayList<>();
            for (int number = thread; number < blocks.size(); number += threads) {
                Block block = blocks.get(number);
                scored.add(
                        scorer.score(rows.subList(block.first(), block.end()), options.of(block.first(), block.end())));
            }
            return scored;
        }
    }

    private static byte[] write(List<List<ScoredSequence>> blocks) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream output = new DataOutputStream(bytes)) {
            output.writeInt(blocks.size());
            for (List<ScoredSequence> block : blocks) {
                output.writeInt(block.size());
                for (ScoredSequence row : block) {
                    output.writeInt(row.depths().length);
                    for (int t = 0; t < row.depths().length; t++) {
                        output.writeFloat(row.logprobs()[t]);
                        output.writeInt(row.depths()[t]);
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static List<List<ScoredSequence>> read(byte[] written) {
        try (DataInputStream input = new DataInputStream(new ByteArrayInputStream(written))) {
            List<List<ScoredSequence>> blocks = new ArrayList<>();
            for (int left = input.readInt(); left > 0; left--) {
                List<ScoredSequence> block = new ArrayList<>();
                for (int rows = input.readInt(); rows > 0; rows--) {
                    block.add(readRow(input));
                }
                blocks.add(block);
            }
            return blocks;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static ScoredSequence readRow(DataInputStream input) throws IOException {
        float[] logprobs = new float[input.readInt()];
        int[] depths = new int[logprobs.length];
        for (int t = 0; t < depths.length; t++) {
            logprobs[t] = input.readFloat();
            depths[t] = input.readInt();
        }
        return new ScoredSequence(logprobs, depths);
    }
}
