package dev.saiki.evidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ExpectedLengthTest {

    private static final GateSettings GATE = new GateSettings(0.1, 0.01, 0.05);

    @Test
    void itIsKnownBeforehandHowLongAGateTakes() {
        ExpectedLength length = ExpectedLength.of(GATE, 0.3, 0.25);
        assertThat(length.promotion().median().orElseThrow()).isBetween(50, 400);
        assertThat(length.promotion().ninety().orElseThrow())
                .isGreaterThan(length.promotion().median().orElseThrow());
        assertThat(length.retreat().median().orElseThrow()).isBetween(30, 400);
    }

    @Test
    void whatTakesTooLongIsNotKnown() {
        ExpectedLength length = ExpectedLength.of(new GateSettings(0, 0.01, 0.05), 0.3, 0.29);
        assertThat(length.promotion().ninety()).isEmpty();
    }

    @Test
    void aHarmThatIsToleratedIsRefused() {
        assertThatThrownBy(() -> ExpectedLength.of(GATE, 0.3, 0.1))
                .hasMessage("the harm must be above the tolerance of 0.1 and at most the share of differing"
                        + " conversations, got 0.1");
    }
}
