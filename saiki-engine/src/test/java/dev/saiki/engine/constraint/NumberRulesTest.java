package dev.saiki.engine.constraint;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Random;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Tests of numbers with few digits, all of which are also checked by arithmetic.
class NumberRulesTest {

    private static final long SEED = 20261127;
    private static final JsonMapper JSON = JsonMapper.shared();

    private static Optional<BigDecimal> bound(JsonNode schema, String keyword) {
        return Optional.ofNullable(schema.get(keyword)).map(JsonNode::decimalValue);
    }

    private static boolean isWithin(JsonNode schema, BigDecimal number) {
        Stream<Predicate<BigDecimal>> rules = Stream.of(
                        bound(schema, "minimum").<Predicate<BigDecimal>>map(least -> n -> n.compareTo(least) >= 0),
                        bound(schema, "exclusiveMinimum")
                                .<Predicate<BigDecimal>>map(least -> n -> n.compareTo(least) > 0),
                        bound(schema, "maximum").<Predicate<BigDecimal>>map(most -> n -> n.compareTo(most) <= 0),
                        bound(schema, "exclusiveMaximum")
                                .<Predicate<BigDecimal>>map(most -> n -> n.compareTo(most) < 0),
                        bound(schema, "multipleOf")
                                .<Predicate<BigDecimal>>map(
                                        factor -> n -> n.remainder(factor).signum() == 0))
                .flatMap(Optional::stream);
        return rules.allMatch(rule -> rule.test(number));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\0',
            value = {
                "{\"type\":\"integer\",\"minimum\":0,\"maximum\":120}",
                "{\"type\":\"integer\",\"minimum\":-17,\"exclusiveMaximum\":205}",
                "{\"type\":\"integer\",\"exclusiveMinimum\":-100,\"maximum\":-9}",
                "{\"type\":\"integer\",\"exclusiveMaximum\":0}",
                "{\"type\":\"integer\",\"exclusiveMinimum\":99}",
                "{\"type\":\"integer\",\"minimum\":2.5,\"maximum\":3.5}",
                "{\"type\":\"integer\",\"multipleOf\":7,\"minimum\":-30}",
                "{\"type\":\"integer\",\"multipleOf\":20}",
                "{\"type\":\"integer\",\"multipleOf\":1.5}",
                "{\"type\":\"number\",\"minimum\":0.5,\"maximum\":1.25}",
                "{\"type\":\"number\",\"exclusiveMinimum\":0,\"exclusiveMaximum\":1}",
                "{\"type\":\"number\",\"exclusiveMinimum\":-1.05,\"maximum\":0}",
                "{\"type\":\"number\",\"minimum\":-0.75,\"exclusiveMaximum\":10.1}",
                "{\"type\":\"number\",\"maximum\":-3.2}",
                "{\"type\":\"number\",\"multipleOf\":0.25}",
                "{\"type\":\"number\",\"multipleOf\":0.05,\"minimum\":1}",
                "{\"type\":\"number\",\"multipleOf\":3}"
            })
    void whatIsTakenIsWhatArithmeticTakes(String text) {
        JsonNode schema = JSON.readTree(text);
        boolean whole = schema.get("type").stringValue().equals("integer");
        boolean hasFactor = schema.has("multipleOf");
        Grammar grammar = TextConstraint.jsonSchema(schema).grammar();
        int within = 0;
        int most = whole ? 30_000 : 1500;
        for (int hundredths = -most; hundredths <= most; hundredths += whole ? 100 : 1) {
            BigDecimal number = BigDecimal.valueOf(hundredths, 2).stripTrailingZeros();
            if (hundredths == 0) {
                continue;
            }
            boolean expected = isWithin(schema, number);
            within += expected ? 1 : 0;
            assertThat(Walks.matches(grammar, number.toPlainString()))
                    .as("%s", number)
                    .isEqualTo(expected);
            if (!whole && !hasFactor && number.scale() > 0) {
                assertThat(Walks.matches(grammar, number.toPlainString() + "0"))
                        .as("%s0", number)
                        .isEqualTo(expected);
            }
        }
        assertThat(within).isPositive();
        Random random = new Random(SEED);
        for (int i = 0; i < 200; i++) {
            Walks.random(grammar, random).ifPresent(bytes -> {
                assertThat(JSON.readTree(bytes).isNumber()).isTrue();
                BigDecimal drawn = new BigDecimal(new String(bytes, StandardCharsets.US_ASCII));
                assertThat(isWithin(schema, drawn)).as("%s", drawn).isTrue();
            });
        }
    }
}
