package dev.saiki.rollout.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.rollout.pair.Fault;
import dev.saiki.rollout.plan.FallbackRules;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class EjectionTest {

    private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 1);
    private final Ejection ejection = new Ejection(new FallbackRules(3, Duration.ofSeconds(10), 1), now::get);

    private void fail(int times) {
        for (int time = 0; time < times; time++) {
            ejection.note(Fault.FAILED);
        }
    }

    private void pass(long seconds) {
        now.addAndGet(Duration.ofSeconds(seconds).toNanos());
    }

    @Test
    void onlyFailuresInARowEject() {
        fail(2);
        ejection.excuse();
        fail(2);
        ejection.note(Fault.REFUSED);
        fail(2);
        assertThat(ejection.admits()).isTrue();
        fail(1);
        assertThat(ejection.admits()).isFalse();
    }

    @Test
    void oneRequestProbesAfterTheTimeAndAFailureDoublesIt() {
        fail(3);
        pass(9);
        assertThat(ejection.admits()).isFalse();
        pass(1);
        assertThat(ejection.admits()).isTrue();
        assertThat(ejection.admits()).as("while a probe is under way").isFalse();
        fail(1);
        pass(19);
        assertThat(ejection.admits()).isFalse();
        pass(1);
        assertThat(ejection.admits()).isTrue();
        ejection.excuse();
        assertThat(ejection.admits()).isTrue();
        assertThat(ejection.isEjected()).isFalse();
    }

    @Test
    void aProbeWithoutResultIsFollowedByAnother() {
        fail(3);
        pass(10);
        assertThat(ejection.admits()).isTrue();
        pass(10);
        assertThat(ejection.admits()).isTrue();
    }

    @Test
    void failuresOfRequestsFromBeforeTheEjectionDoNotProlongIt() {
        fail(30);
        pass(10);
        assertThat(ejection.admits()).isTrue();
    }

    @Test
    void aRelapseLastsLongerUnlessTheCandidateWasWellForAsLong() {
        fail(3);
        pass(10);
        assertThat(ejection.admits()).isTrue();
        ejection.excuse();
        pass(9);
        fail(3);
        pass(10);
        assertThat(ejection.admits()).isFalse();
        pass(10);
        assertThat(ejection.admits()).isTrue();
        ejection.excuse();
        pass(20);
        fail(3);
        pass(10);
        assertThat(ejection.admits()).isTrue();
    }

    @Test
    void noEjectionLastsLongerThanFiveMinutes() {
        fail(3);
        for (int probe = 0; probe < 20; probe++) {
            pass(300);
            assertThat(ejection.admits()).isTrue();
            fail(1);
        }
    }
}
