package dev.saiki.spark;

import dev.saiki.text.dataset.HeldOutChoice;
import dev.saiki.text.dataset.PrepareOptions;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.ToLongFunction;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.storage.StorageLevel;
import org.jspecify.annotations.Nullable;
import scala.Tuple2;

/// The choice of held-out documents on a cluster, as one machine makes it.
///
/// @param options the share and seed of the held-out documents
/// @param partitions the number of tasks
record HeldOutSearch(PrepareOptions options, int partitions) {

    /// Documents that are held out together.
    ///
    /// @param number the number of the group
    /// @param positions the documents' positions in the corpus, in order
    /// @param tokens the number of their tokens
    private record Group(int number, List<Long> positions, long tokens) {}

    /// The positions of the held-out documents.
    JavaRDD<Long> choose(JavaRDD<EncodedItem.Row> rows) {
        long tokens = rows.map(EncodedItem.Row::numTokens).fold(0L, Long::sum);
        long seed = options.seed();
        int tasks = partitions;
        JavaRDD<Tuple2<HeldOutKey, Long>> sorted = rows.mapToPair(row -> new Tuple2<>(
                        new HeldOutKey(HeldOutChoice.group(row.hash(), seed), row.position(), tasks), row.numTokens()))
                .repartitionAndSortWithinPartitions(new GroupPartitioner(tasks))
                .map(document -> document)
                .persist(StorageLevel.DISK_ONLY());
        RunningState<HeldOutChoice> choices = RunningState.over(
                sorted,
                new HeldOutChoice(tokens, options.validationFraction()),
                HeldOutChoice::isComplete,
                (choice, documents) ->
                        new Groups(documents).forEachRemaining(group -> choice.visit(group.number(), group.tokens())));
        List<HeldOutChoice> starts = choices.starts();
        HeldOutChoice end = choices.end();
        return sorted.mapPartitionsWithIndex(
                (partition, documents) -> partition < starts.size()
                        ? chosen(starts.get(partition), end, new Groups(documents))
                        : List.<Long>of().iterator(),
                false);
    }

    private static Iterator<Long> chosen(HeldOutChoice choice, HeldOutChoice end, Groups groups) {
        List<Long> chosen = new ArrayList<>();
        groups.forEachRemaining(group -> {
            if (choice.visit(group.number(), group.tokens()) || end.isFallback(group.number())) {
                chosen.addAll(end.isSingleGroup() ? group.positions().subList(0, 1) : group.positions());
            }
        });
        return chosen.iterator();
    }

    /// Documents of a partition, each with a mark of whether it is held out.
    ///
    /// @param documents the documents, in order
    /// @param position the position of a document
    /// @param held the positions of the held-out documents, in order
    static <T> Iterator<Tuple2<T, Boolean>> marked(
            Iterator<T> documents, ToLongFunction<T> position, Iterator<Tuple2<Long, Boolean>> held) {
        long[] next = {next(held)};
        return SourceItems.stream(documents)
                .map(document -> {
                    boolean isHeldOut = position.applyAsLong(document) == next[0];
                    next[0] = isHeldOut ? next(held) : next[0];
                    return new Tuple2<>(document, isHeldOut);
                })
                .iterator();
    }

    private static long next(Iterator<Tuple2<Long, Boolean>> held) {
        return held.hasNext() ? held.next()._1() : -1;
    }

    /// The groups of a partition, in order.
    private static final class Groups implements Iterator<Group> {

        private final Iterator<Tuple2<HeldOutKey, Long>> documents;
        private @Nullable Tuple2<HeldOutKey, Long> next;

        Groups(Iterator<Tuple2<HeldOutKey, Long>> documents) {
            this.documents = documents;
            next = documents.hasNext() ? documents.next() : null;
        }

        @Override
        public boolean hasNext() {
            return next != null;
        }

        @Override
        public Group next() {
            if (next == null) {
                throw new NoSuchElementException("no group is left");
            }
            int number = next._1().choiceGroup();
            List<Long> positions = new ArrayList<>();
            long tokens = 0;
            while (next != null && next._1().choiceGroup() == number) {
                positions.add(next._1().position());
                tokens += next._2();
                next = documents.hasNext() ? documents.next() : null;
            }
            return new Group(number, positions, tokens);
        }
    }
}
