package dev.saiki.benchmarks;

import dev.saiki.http.key.ApiKeys;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/// A test for timing leaks in API key look-up: the median time for the first key of a file, the last, and an unknown
/// one. They must be alike; a look-up that stopped at the right key would take a thousandth of the time for the first.
///
/// `java -cp "saiki-benchmarks/target/classes:saiki-cli/target/saiki/lib/*" dev.saiki.benchmarks.ApiKeyTiming`
public final class ApiKeyTiming {

    private static final int KEYS = 2000;
    private static final int LOOK_UPS = 20_000;

    private ApiKeyTiming() {}

    /// Measures, after as long a time to warm up.
    ///
    /// @param arguments none
    public static void main(String[] arguments) {
        List<String> lines = IntStream.range(0, KEYS)
                .mapToObj(number -> "n" + number + " " + hash("key-" + number))
                .toList();
        ApiKeys keys = ApiKeys.parse(lines, "keys");
        for (String key : List.of("key-0", "key-0", "key-" + (KEYS - 1), "key-" + KEYS)) {
            System.out.println(String.format(Locale.ROOT, "%s: %.1f µs", key, microseconds(keys, key)));
        }
    }

    private static double microseconds(ApiKeys keys, String key) {
        long[] nanos = new long[LOOK_UPS];
        int found = 0;
        for (int i = 0; i < nanos.length; i++) {
            long start = System.nanoTime();
            found += keys.find(key).isPresent() ? 1 : 0;
            nanos[i] = System.nanoTime() - start;
        }
        if (found != 0 && found != LOOK_UPS) {
            throw new IllegalStateException("the same key was found at times only");
        }
        Arrays.sort(nanos);
        return nanos[nanos.length / 2] / 1e3;
    }

    private static String hash(String key) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
