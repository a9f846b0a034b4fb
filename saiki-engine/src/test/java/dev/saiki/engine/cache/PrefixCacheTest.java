package dev.saiki.engine.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.saiki.engine.settings.CacheFormat;
import dev.saiki.engine.settings.DepthHistogram;
import dev.saiki.engine.settings.RouteSettings;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Tests of the tree and its pages without a model; a token's cached numbers are a hash of all tokens up to it.
class PrefixCacheTest {

    private static final int STEPS = 3;
    private static final int LAYERS = 2;
    private static final int PAGES = 1000;
    private static final CacheShape SHAPE = new CacheShape(LAYERS, STEPS, false, 1, 1, VisibleKeys.NO_WINDOW);
    private static final PageLayout LAYOUT = new PageLayout(LAYERS, 4, 1, 2, CacheFormat.FLOAT32);
    private static final PrefixKey IDENTITY = new PrefixKey(1, RouteSettings.MODEL, "");

    private final PagePool pool = new PagePool(LAYOUT, PAGES);
    private final PrefixCache prefixes = new PrefixCache(pool);

    @AfterEach
    void nothingLeaks() {
        prefixes.clear();
        assertThat(pool.freePages()).isEqualTo(PAGES);
        assertThat(pool.evictablePages()).isZero();
        assertThat(pool.bytesInUse()).isZero();
        assertThat(prefixes.nodes()).isZero();
        pool.close();
    }

    /// A text, with the keys and values that a model would have stored for its computed tokens.
    private static final class Text {

        private final int[] tokens;
        private final SequenceCache cache;
        private int computed;

        Text(PagePool pool, int... tokens) {
            this.tokens = tokens;
            this.cache = new SequenceCache(SHAPE, pool);
        }

        private static int hash(int[] tokens, int position) {
            return (Arrays.hashCode(Arrays.copyOf(tokens, position + 1)) * 0x9E3779B1) >>> 8;
        }

        int depth(int position) {
            return 1 + hash(tokens, position) % STEPS;
        }

        int[] depths(int count) {
            return IntStream.range(0, count).map(this::depth).toArray();
        }

        boolean reaches(int store, int position) {
            return store >= STEPS || depth(position) > store;
        }

        int layers(int store) {
            return store < STEPS ? LAYERS : 1;
        }

        float number(int store, int layer, int position) {
            return hash(tokens, position) % 100_000 + store / 8f + layer / 64f;
        }

        Text begin(Prefix prefix) {
            assertThat(prefix.depths()).isEqualTo(depths(prefix.tokens()));
            cache.startWith(prefix);
            computed = prefix.tokens();
            assertHolds();
            return this;
        }

        Text computeTo(int end) {
            for (int position = computed; position < end; position++) {
                for (int store = 0; store < cache.stores().size(); store++) {
                    if (reaches(store, position)) {
                        int slot = cache.stores().get(store).add(position);
                        for (int layer = 0; layer < layers(store); layer++) {
                            float key = number(store, layer, position);
                            float[] numbers = {key, key + 1, -key, -key - 1};
                            cache.stores().get(store).put(layer, 0, slot, numbers, 0, 2);
                        }
                    }
                }
            }
            computed = end;
            return this;
        }

        void assertHolds() {
            for (int store = 0; store < cache.stores().size(); store++) {
                int index = store;
                int[] positions = IntStream.range(0, computed)
                        .filter(position -> reaches(index, position))
                        .toArray();
                KeyValueStore kept = cache.stores().get(store);
                assertThat(kept.size()).isEqualTo(positions.length);
                for (int layer = 0; layer < layers(store); layer++) {
                    float[] expected = new float[positions.length * 4];
                    float[] actual = new float[positions.length * 4];
                    for (int slot = 0; slot < positions.length; slot++) {
                        float key = number(store, layer, positions[slot]);
                        System.arraycopy(new float[] {key, key + 1, -key, -key - 1}, 0, expected, 4 * slot, 4);
                        assertThat(kept.position(slot)).isEqualTo(positions[slot]);
                        read(kept, layer, slot, actual);
                    }
                    assertThat(actual).as("store %d, layer %d", store, layer).isEqualTo(expected);
                }
            }
        }

        private static void read(KeyValueStore store, int layer, int slot, float[] numbers) {
            store.forEachRun(layer, 0, slot, slot + 1, (page, keys, _, _) -> {
                for (int i = 0; i < 2; i++) {
                    long key = keys + (long) i * Float.BYTES;
                    numbers[4 * slot + i] = page.get(ValueLayout.JAVA_FLOAT, key);
                    numbers[4 * slot + 2 + i] = page.get(ValueLayout.JAVA_FLOAT, key + store.valuesAfter());
                }
            });
        }
    }

    private void keep(Text text) {
        prefixes.insert(IDENTITY, text.tokens, text.depths(text.computed), text.cache);
    }

    private Text keptAndEnded(int... tokens) {
        Text text = new Text(pool, tokens).computeTo(tokens.length);
        keep(text);
        text.cache.clear();
        return text;
    }

    private Text begun(int most, int... tokens) {
        return new Text(pool, tokens).begin(prefixes.find(IDENTITY, tokens, most));
    }

    private int found(int... tokens) {
        return prefixes.find(IDENTITY, tokens, tokens.length).tokens();
    }

    private static int[] upTo(int last) {
        return IntStream.rangeClosed(1, last).toArray();
    }

    private static int[] with(int[] tokens, int position, int token) {
        int[] changed = tokens.clone();
        changed[position] = token;
        return changed;
    }

    @Test
    void aTextIsFoundToTheToken() {
        keptAndEnded(upTo(30));
        for (int changed = 0; changed < 30; changed++) {
            int[] other = with(upTo(30), changed, 99);
            assertThat(found(other)).isEqualTo(changed);
            begun(30, other).cache.clear();
        }
        assertThat(found(upTo(30))).isEqualTo(30);
        assertThat(found(upTo(40))).isEqualTo(30);
        assertThat(prefixes.find(IDENTITY, upTo(30), 17).tokens()).isEqualTo(17);
    }

    @Test
    void aTextThatLetGoOfItsBeginningKeepsWhatItStillHas() {
        Text first = new Text(pool, upTo(30)).computeTo(12);
        keep(first);
        first.computeTo(30);
        long before = pool.bytesInUse();
        first.cache.stores().forEach(store -> store.releaseBefore(25));
        assertThat(first.cache.stores().getFirst().pages()).isEqualTo(2);
        assertThat(before - pool.bytesInUse()).isGreaterThanOrEqualTo(24 * LAYOUT.bytesPerToken(LAYERS));
        keep(first);
        assertThat(found(upTo(30))).isEqualTo(12);
        first.cache.clear();

        Text second = new Text(pool, upTo(30)).computeTo(30);
        keep(second);
        second.cache.stores().forEach(store -> store.releaseBefore(25));
        second.cache.clear();
        assertThat(found(upTo(30))).isEqualTo(30);
        begun(30, upTo(30)).cache.clear();

        Text third = new Text(pool, with(upTo(30), 0, 99)).computeTo(30);
        third.cache.stores().forEach(store -> store.releaseBefore(25));
        int nodes = prefixes.nodes();
        keep(third);
        assertThat(prefixes.nodes()).isEqualTo(nodes);
        assertThatThrownBy(() -> third.cache.stores().getFirst().slots(0, 4)).isInstanceOf(IllegalStateException.class);
        third.cache.clear();
    }

    @Test
    void onlyAnEqualIdentityFindsIt() {
        RouteSettings route = RouteSettings.within(1, 2).toBuilder()
                .effort(0.5)
                .forced(new DepthHistogram(List.of(0.5, 0.5), 3))
                .build();
        Text text = new Text(pool, upTo(20)).computeTo(20);
        prefixes.insert(new PrefixKey(7, route, "ahab"), text.tokens, text.depths(20), text.cache);
        text.cache.clear();
        RouteSettings same = RouteSettings.within(1, 2).toBuilder()
                .effort(0.5)
                .forced(new DepthHistogram(List.of(0.5, 0.5), 3))
                .build();
        assertThat(prefixes.find(new PrefixKey(7, same, "ahab"), upTo(20), 20).tokens())
                .isEqualTo(20);
        List<PrefixKey> others = List.of(
                new PrefixKey(8, route, "ahab"),
                new PrefixKey(
                        7,
                        RouteSettings.within(1, 3).toBuilder()
                                .effort(0.5)
                                .forced(halves())
                                .build(),
                        "ahab"),
                new PrefixKey(
                        7,
                        RouteSettings.within(2, 2).toBuilder()
                                .effort(0.5)
                                .forced(halves())
                                .build(),
                        "ahab"),
                new PrefixKey(7, route.toBuilder().effort(0.75).build(), "ahab"),
                new PrefixKey(
                        7,
                        RouteSettings.within(1, 2).toBuilder().forced(halves()).build(),
                        "ahab"),
                new PrefixKey(
                        7,
                        route.toBuilder()
                                .forced(new DepthHistogram(List.of(0.25, 0.75), 3))
                                .build(),
                        "ahab"),
                new PrefixKey(
                        7,
                        route.toBuilder()
                                .forced(new DepthHistogram(List.of(0.5, 0.5), 4))
                                .build(),
                        "ahab"),
                new PrefixKey(
                        7, RouteSettings.within(1, 2).toBuilder().effort(0.5).build(), "ahab"),
                new PrefixKey(7, same, "starbuck"),
                new PrefixKey(7, same, ""));
        for (PrefixKey other : others) {
            assertThat(prefixes.find(other, upTo(20), 20).tokens())
                    .as("%s", other)
                    .isZero();
        }
    }

    private static DepthHistogram halves() {
        return new DepthHistogram(List.of(0.5, 0.5), 3);
    }

    @Test
    void continuationsThatDifferLeaveEachOtherAlone() {
        Text first = new Text(pool, upTo(40)).computeTo(21);
        keep(first);
        List<Text> texts = new ArrayList<>(List.of(first));
        for (int changed = 1; changed <= 20; changed++) {
            Text text = begun(21, with(upTo(40), changed, 99)).computeTo(40);
            keep(text);
            texts.add(text);
        }
        first.computeTo(40);
        keep(first);
        texts.forEach(Text::assertHolds);
        texts.forEach(text -> text.cache.clear());
        for (Text text : texts) {
            assertThat(found(text.tokens)).isEqualTo(40);
            begun(40, text.tokens).cache.clear();
        }
    }

    @Test
    void aPageThatTwoStoresHoldIsNotWritten() {
        Text text = new Text(pool, upTo(6)).computeTo(6);
        keep(text);
        Prefix prefix = prefixes.find(IDENTITY, upTo(6), 6);
        KeyValueStore careless = new KeyValueStore(pool, LAYERS);
        careless.startWith(prefix.stores().getFirst());
        assertThatThrownBy(() -> careless.add(6))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("a shared page must not be written");
        careless.clear();
        text.cache.clear();
    }

    @Test
    void fullPagesAreSharedAndOthersCopied() {
        keptAndEnded(upTo(16));
        int kept = pool.evictablePages();
        assertThat(pool.freePages()).isEqualTo(PAGES);
        int pages = prefixes.find(IDENTITY, upTo(20), 16).pages();
        Text first = begun(16, upTo(20));
        assertThat(PAGES - pool.freePages()).isEqualTo(pages);
        int copies = Math.toIntExact(IntStream.range(0, STEPS + 2)
                .filter(store -> first.cache.stores().get(store).size() % slotsPerPage(store) != 0)
                .count());
        assertThat(copies).as("stores whose last page has room").isPositive();
        assertThat(pool.evictablePages()).isEqualTo(kept - pages + copies);
        assertThat(prefixes.find(IDENTITY, upTo(20), 16).pages()).isEqualTo(copies);
        Text second = begun(16, upTo(20));
        assertThat(PAGES - pool.freePages()).isEqualTo(pages + copies);
        assertThat(pool.bytesInUse()).isEqualTo(2 * bytes(first, 16));
        first.cache.clear();
        second.assertHolds();
        second.cache.clear();
        assertThat(pool.evictablePages()).isEqualTo(kept);
    }

    private static int slotsPerPage(int store) {
        return LAYOUT.slotsPerPage(store < STEPS ? LAYERS : 1);
    }

    private static long bytes(Text text, int count) {
        return IntStream.range(0, STEPS + 2)
                .mapToLong(store -> IntStream.range(0, count)
                        .filter(position -> text.reaches(store, position))
                        .mapToLong(_ -> LAYOUT.bytesPerToken(text.layers(store)))
                        .sum())
                .sum();
    }

    @Test
    void theLongestUnusedLeafGoesFirst() {
        keptAndEnded(1, 2, 3, 4, 5, 6, 7, 8);
        keptAndEnded(1, 2, 3, 4, 15, 16);
        keptAndEnded(21, 22);
        assertThat(prefixes.nodes()).isEqualTo(4);
        assertThat(found(1, 2, 3, 4, 5)).isEqualTo(5);
        giveUpOne();
        assertThat(found(1, 2, 3, 4, 15, 16)).isEqualTo(4);
        assertThat(found(21, 22)).isEqualTo(2);
        giveUpOne();
        assertThat(found(1, 2, 3, 4, 5, 6, 7, 8)).as("its leaf was used first").isEqualTo(4);
        giveUpOne();
        assertThat(found(21, 22)).isZero();
        assertThat(found(1, 2, 3, 4)).as("the root goes last").isEqualTo(4);
    }

    /// Takes free pages until the cache must evict a node, and returns them.
    private void giveUpOne() {
        int nodes = prefixes.nodes();
        List<Integer> taken = new ArrayList<>();
        while (prefixes.nodes() == nodes) {
            taken.add(pool.allocate());
        }
        taken.forEach(pool::release);
        assertThat(prefixes.nodes()).isEqualTo(nodes - 1);
    }

    @Test
    void aTextThatGoesOnReplacesItsOwnEnd() {
        Text text = new Text(pool, upTo(40));
        for (int count = 1; count <= 40; count++) {
            text.computeTo(count);
            keep(text);
            assertThat(prefixes.nodes()).isEqualTo(Math.ceilDiv(count, 4));
            assertThat(found(upTo(40))).isEqualTo(count);
        }
        prefixes.insert(IDENTITY, text.tokens, text.depths(10), text.cache);
        assertThat(prefixes.nodes()).isEqualTo(10);
        text.cache.clear();
    }

    @Test
    void evictablePagesAreAsGoodAsFree() {
        try (PagePool small = new PagePool(LAYOUT, 40)) {
            PrefixCache cache = new PrefixCache(small);
            for (int first = 0; first < 50; first++) {
                int[] tokens = with(upTo(16), 0, 100 + first);
                Text text = new Text(small, tokens).computeTo(16);
                cache.insert(IDENTITY, tokens, text.depths(16), text.cache);
                text.cache.clear();
                assertThat(small.freePages()).isEqualTo(40);
                assertThat(cache.find(IDENTITY, tokens, 16).tokens()).isEqualTo(16);
            }
            int[] all = IntStream.range(0, 40).map(_ -> small.allocate()).toArray();
            assertThat(all).doesNotHaveDuplicates();
            assertThat(cache.nodes()).isZero();
            assertThatThrownBy(small::allocate).hasMessage("all 40 pages are in use");
        }
    }

    @Test
    void aPrefixOfAllPagesIsTakenOver() {
        int[] tokens = upTo(30);
        try (PagePool small = new PagePool(LAYOUT, pagesOf(tokens))) {
            PrefixCache cache = new PrefixCache(small);
            Text text = new Text(small, tokens).computeTo(30);
            cache.insert(IDENTITY, tokens, text.depths(30), text.cache);
            text.cache.clear();
            Prefix prefix = cache.find(IDENTITY, tokens, 29);
            assertThat(prefix.tokens()).isEqualTo(29);
            new Text(small, tokens).begin(prefix).computeTo(30).assertHolds();
        }
    }

    private static int pagesOf(int[] tokens) {
        try (PagePool counting = new PagePool(LAYOUT, PAGES)) {
            new Text(counting, tokens).computeTo(tokens.length);
            return PAGES - counting.freePages();
        }
    }

    @Test
    void randomTextsAreFoundAndChangeNothing() {
        for (long seed = 0; seed < 60; seed++) {
            Random random = new Random(seed);
            List<Text> atWork = new ArrayList<>();
            List<int[]> known = new ArrayList<>();
            for (int round = 0; round < 60; round++) {
                int[] tokens = random.ints(1 + random.nextInt(40), 0, 1 + random.nextInt(3))
                        .toArray();
                Text text = begun(tokens.length, tokens);
                assertThat(text.computed).as("seed %d", seed).isEqualTo(longest(known, tokens));
                text.computeTo(text.computed + random.nextInt(tokens.length - text.computed + 1));
                keep(text);
                known.add(Arrays.copyOf(tokens, text.computed));
                atWork.add(text);
                if (random.nextInt(3) == 0) {
                    Text ending = atWork.get(random.nextInt(atWork.size()));
                    ending.assertHolds();
                    ending.cache.clear();
                    atWork.remove(ending);
                }
            }
            atWork.forEach(Text::assertHolds);
            atWork.forEach(text -> text.cache.clear());
            prefixes.clear();
            assertThat(pool.freePages()).as("seed %d", seed).isEqualTo(PAGES);
        }
    }

    private static int longest(List<int[]> known, int[] tokens) {
        return known.stream()
                .mapToInt(text -> {
                    int mismatch = Arrays.mismatch(text, tokens);
                    return mismatch < 0 ? tokens.length : mismatch;
                })
                .max()
                .orElse(0);
    }
}
