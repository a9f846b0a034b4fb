package dev.saiki.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.tensor.CudaLibrary;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class DoctorCommandTest {

    @Test
    void tellsWhatTheMachineHas() {
        JsonNode json = CommandRun.of("doctor", "--json").succeeds().json();
        assertThat(json.at("/libtorch/loads").asBoolean()).isTrue();
        assertThat(json.at("/libtorch/version").asString()).matches("\\d+\\.\\d+\\..*");
        assertThat(json.at("/processor/cores").asInt()).isPositive();
        assertThat(json.at("/memory/total_bytes").asLong()).isPositive();
        assertThat(json.at("/disk/free_bytes").asLong()).isPositive();
        assertThat(json.at("/jdk/version").asString()).startsWith("2");
        assertThat(json.at("/gpu/available").isBoolean()).isTrue();
        assertThat(json.at("/gpu/libraries").size())
                .isEqualTo(CudaLibrary.needed().size());
    }

    @Test
    void tellsItToPeopleToo() {
        assertThat(CommandRun.of("doctor").succeeds().out())
                .contains("LibTorch", "GPU", "vectors", "memory", "disk", "threads", "OpenBLAS");
    }

    @Test
    void readsTheFlagsOfAnIntelOrAmdProcessor() {
        Processor processor = Processor.parse(
                List.of("processor\t: 0", "model name\t: Some CPU", "flags\t\t: fpu avx2 fma avx512f avx512_bf16 nx"),
                2);
        assertThat(processor.model()).contains("Some CPU");
        assertThat(processor.vectorFlags()).containsExactly("avx2", "avx512_bf16", "avx512f", "fma");
        assertThat(processor.vectorBits()).isEqualTo(512);
    }

    @Test
    void readsTheFlagsOfAnArmProcessor() {
        Processor processor = Processor.parse(List.of("processor : 0", "Features : fp asimd bf16"), 4);
        assertThat(processor.model()).isEqualTo(Optional.empty());
        assertThat(processor.vectorFlags()).containsExactly("asimd", "bf16");
        assertThat(processor.vectorBits()).isEqualTo(128);
    }
}
