package dev.saiki.http.key;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The time of a look-up reveals nothing about the keys: the look-up does the same work for every presented
/// key, as counts show.
class KeyComparisonTest {

    private static final int KEYS = 40;
    private static final int HASH_BYTES = 32;

    private static final ApiKeys ALL = ApiKeys.parse(
            IntStream.range(0, KEYS)
                    .mapToObj(number -> "n" + number + " " + HexFormat.of().formatHex(hash("key-" + number)))
                    .toList(),
            "keys");

    private static byte[] hash(String key) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /// The first, one in the middle, the last; none, one that begins as the first does, nothing, and a long
    /// one.
    @ParameterizedTest
    @ValueSource(strings = {"key-0", "key-17", "key-39", "key-40", "key-", "", "key-0key-0key-0key-0key-0key-0key-0"})
    void everyKeyIsLookedAtOnceAndByHashesOfOneLength(String presented) {
        List<byte[]> known = new ArrayList<>();
        List<byte[]> given = new ArrayList<>();
        ALL.find(presented, (one, other) -> {
            known.add(one);
            given.add(other);
            return MessageDigest.isEqual(one, other);
        });
        assertThat(known).hasSize(KEYS).allMatch(bytes -> bytes.length == HASH_BYTES);
        assertThat(given).allMatch(bytes -> MessageDigest.isEqual(bytes, hash(presented)));
        for (int number = 0; number < KEYS; number++) {
            assertThat(known.get(number)).isEqualTo(hash("key-" + number));
        }
    }

    @Test
    void theKeyThatWasPresentedIsFoundAndNoOther() {
        for (int number = 0; number < KEYS; number++) {
            assertThat(ALL.find("key-" + number).map(ApiKey::name)).contains("n" + number);
        }
        assertThat(ALL.find("key-40")).isEmpty();
        // The hash itself does not work as a key, since a thief of the key file would have the hash.
        assertThat(ALL.find(HexFormat.of().formatHex(hash("key-0")))).isEmpty();
    }
}
