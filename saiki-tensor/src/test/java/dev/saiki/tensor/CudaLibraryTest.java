package dev.saiki.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

class CudaLibraryTest {

    @Test
    @EnabledOnOs(OS.LINUX)
    void theSystemsLoaderDecidesWhetherALibraryIsThere() {
        assertThat(new CudaLibrary("libc.so.6", "the system").isFound()).isTrue();
        assertThat(new CudaLibrary("libsaiki-nowhere.so.1", "nothing").isFound())
                .isFalse();
    }

    @Test
    void onlyLibTorchForCudaNeedsLibrariesOfCuda() {
        assertThat(CudaLibrary.needed().isEmpty()).isNotEqualTo(CudaLibrary.areNeeded());
    }
}
