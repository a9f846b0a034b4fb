package dev.saiki.checkpoint.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.saiki.checkpoint.accounting.Accounting;
import dev.saiki.io.InputException;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// Configurations with random changes are either accepted or refused with an exception for wrong input.
class ModelConfigFuzzTest {

    private static final List<String> VALUES = List.of(
            "0",
            "1",
            "2",
            "3",
            "4",
            "-1",
            "1048576",
            "2147483647",
            "9223372036854775808",
            "1e308",
            "-1e999",
            "0.5",
            "null",
            "true",
            "\"\"",
            "\"none\"",
            "\"cycle\"",
            "\"sequence\"",
            "\"token_choice\"",
            "\"expert_choice\"",
            "\"expert_threshold\"",
            "\"random\"",
            "\"sigmoid\"",
            "\"hybrid\"",
            "[]",
            "[1]",
            "[1, 0.5, 0.5]",
            "[0]",
            "[null]",
            "{}",
            "{\"type\": \"none\"}");

    @Test
    void changedConfigurationsAreRefusedOrCanBeCounted() {
        fuzz(0, 5_000);
    }

    @Test
    @Tag("slow")
    void manyChangedConfigurationsAreRefusedOrCanBeCounted() {
        fuzz(1_000_000, 500_000);
    }

    private static void fuzz(int firstSeed, int count) {
        List<ModelConfig> bases = List.of(
                Configs.tiny(8),
                Configs.mixture(Configs.tiny(8), 3, KeyValueSharing.NONE),
                Configs.recursive(
                        Configs.tiny(8),
                        ParameterSharing.CYCLE,
                        2,
                        Configs.expertThreshold(0.5),
                        KeyValueSharing.HYBRID),
                Configs.recursive(
                        Configs.tiny(8),
                        ParameterSharing.CYCLE,
                        2,
                        Configs.tokenChoice(RouterType.MLP),
                        KeyValueSharing.RECURSIVE));
        int built = 0;
        for (int seed = firstSeed; seed < firstSeed + count; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            ObjectNode json = bases.get(random.nextInt(bases.size())).toJson();
            for (int i = random.nextInt(1, 3); i > 0; i--) {
                change(json, random);
            }
            built += isBuilt(json, seed) ? 1 : 0;
        }
        // Both outcomes must occur; otherwise the changes are too small or too large.
        assertThat(built).isBetween(count / 50, count * 49 / 50);
    }

    private static void change(ObjectNode json, SplittableRandom random) {
        List<String> keys = List.copyOf(json.propertyNames());
        if (keys.isEmpty()) {
            return;
        }
        String key = keys.get(random.nextInt(keys.size()));
        JsonNode child = json.get(key);
        if (child instanceof ObjectNode block && random.nextInt(4) > 0) {
            change(block, random);
        } else if (random.nextInt(8) == 0) {
            json.remove(key);
        } else {
            json.set(key, JsonMapper.shared().readTree(VALUES.get(random.nextInt(VALUES.size()))));
        }
    }

    private static boolean isBuilt(ObjectNode json, int seed) {
        try {
            ModelConfig config = ModelConfig.fromJson(json, "x");
            // Hostile layer counts are cheap to count only if they are small.
            if (config.numHiddenLayers() <= 64) {
                Accounting accounting = Accounting.of(config);
                assertThat(accounting.nonEmbeddingParameters())
                        .as("seed %d", seed)
                        .isPositive();
                assertThat(accounting.forwardFlopsPerToken())
                        .as("seed %d", seed)
                        .isFinite();
            }
            assertThat(ModelConfig.fromJson(config.toJson(), "x"))
                    .as("seed %d", seed)
                    .isEqualTo(config);
            return true;
        } catch (InputException refused) {
            assertThat(refused).as("seed %d", seed).hasMessageStartingWith("x: ");
            return false;
        } catch (RuntimeException e) {
            return fail("seed " + seed, e);
        }
    }
}
