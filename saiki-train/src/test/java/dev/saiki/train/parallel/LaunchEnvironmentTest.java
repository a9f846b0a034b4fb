package dev.saiki.train.parallel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.saiki.io.InputException;
import dev.saiki.tensor.Rendezvous;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LaunchEnvironmentTest {

    private static final Duration TIMEOUT = Duration.ofSeconds(7);
    private static final Duration JOINING = Duration.ofMinutes(30);

    private static final Map<String, String> SECOND_OF_FOUR =
            Map.of("WORLD_SIZE", "4", "RANK", "1", "MASTER_ADDR", "node-0", "MASTER_PORT", "29500");

    @Test
    void processWithoutVariablesIsAlone() {
        assertThat(LaunchEnvironment.read(Map.of("RANK", "3"), TIMEOUT)).isEmpty();
        assertThat(LaunchEnvironment.read(Map.of("WORLD_SIZE", "1"), TIMEOUT)).isEmpty();
    }

    @Test
    void processOfSeveralKnowsItsPlace() {
        assertThat(LaunchEnvironment.read(SECOND_OF_FOUR, TIMEOUT))
                .contains(new Rendezvous("node-0", 29_500, 1, 4, 1, false, "saiki/0", JOINING, TIMEOUT));
    }

    @Test
    void storeOfALauncherIsUsedAndItsStartsAreKeptApart() {
        Map<String, String> variables = new HashMap<>(SECOND_OF_FOUR);
        variables.putAll(Map.of(
                "LOCAL_WORLD_SIZE", "2", "TORCHELASTIC_USE_AGENT_STORE", "True", "TORCHELASTIC_RESTART_COUNT", "3"));
        assertThat(LaunchEnvironment.read(variables, TIMEOUT))
                .contains(new Rendezvous("node-0", 29_500, 1, 4, 2, true, "saiki/3", JOINING, TIMEOUT));
    }

    @Test
    void variablesOfALocalProcessAreRead() {
        assertThat(LaunchEnvironment.read(LaunchEnvironment.ofLocal(2, 3, 4_000), TIMEOUT))
                .contains(new Rendezvous("127.0.0.1", 4_000, 2, 3, 3, false, "saiki/0", JOINING, TIMEOUT));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    WORLD_SIZE  | many  | WORLD_SIZE must be a whole number from 1 to 65536, got 'many'
                    RANK        | 4     | RANK must be a whole number from 0 to 3, got '4'
                    MASTER_PORT | 0     | MASTER_PORT must be a whole number from 1 to 65535, got '0'
                    MASTER_ADDR | ''    | MASTER_ADDR must be set if WORLD_SIZE is
                    """)
    void wrongVariableIsNamed(String name, String value, String message) {
        Map<String, String> variables = new HashMap<>(SECOND_OF_FOUR);
        variables.put(name, value);
        assertThatThrownBy(() -> LaunchEnvironment.read(variables, TIMEOUT))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("the environment variable " + message);
    }
}
