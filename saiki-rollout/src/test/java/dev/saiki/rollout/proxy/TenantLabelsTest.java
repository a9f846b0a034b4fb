package dev.saiki.rollout.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TenantLabelsTest {

    @Test
    void onlyTheFirstTenantsHaveSeriesOfTheirOwn() {
        TenantLabels labels = new TenantLabels();
        for (int tenant = 0; tenant < TenantLabels.MAX_TENANTS; tenant++) {
            assertThat(labels.of("t" + tenant)).isEqualTo("t" + tenant);
        }
        assertThat(labels.of("one more")).isEqualTo("other");
        assertThat(labels.of("t0")).isEqualTo("t0");
        assertThat(labels.of("")).isEqualTo("none");
    }
}
