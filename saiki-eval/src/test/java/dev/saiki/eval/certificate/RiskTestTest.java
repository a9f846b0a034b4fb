package dev.saiki.eval.certificate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.saiki.io.InputException;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/// Compares results with values of exact rational arithmetic, computed elsewhere.
class RiskTestTest {

    private static final RiskTest TEST = new RiskTest(0.02, 0.95);

    private static double[] losses(int count, double... some) {
        return Arrays.copyOf(some, count);
    }

    @Test
    void withoutAFailure149ConversationsAreNeededAndEnough() {
        assertThat(TEST.conversations(0)).isEqualTo(149);
        assertThat(TEST.pValue(losses(149))).isCloseTo(0.0492816543300896, within(1e-12));
        assertThat(TEST.passes(TEST.pValue(losses(149)))).isTrue();
        assertThat(TEST.pValue(losses(148))).isCloseTo(0.05028740237764245, within(1e-12));
        assertThat(TEST.passes(TEST.pValue(losses(148)))).isFalse();
    }

    @Test
    void failuresOrNoneAreCountedExactly() {
        assertThat(TEST.pValue(losses(400, 1, 1, 1))).isCloseTo(0.04095165507043324, within(1e-12));
        assertThat(TEST.pValue(losses(400, 1, 1, 1, 1))).isCloseTo(0.09733374643891378, within(1e-12));
        assertThat(TEST.pValue(losses(236, 1))).isCloseTo(0.04943136957038292, within(1e-12));
    }

    @Test
    void sharesTakeTheSmallerOfBothForms() {
        assertThat(TEST.pValue(losses(300, 0.5, 0.5, 0.5))).isCloseTo(0.08587840674323678, within(1e-9));
        assertThat(TEST.pValue(losses(1000, 0.5, 1, 1, 1, 1, 1))).isCloseTo(0.0005495931747491525, within(1e-9));
        double[] half = losses(50, 0.5, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1);
        assertThat(new RiskTest(0.3, 0.9).pValue(half)).isCloseTo(0.3561008861763997, within(1e-9));
    }

    @Test
    void lossesAboveTheLimitNeverPass() {
        assertThat(TEST.pValue(losses(3, 0.5, 0.5, 0.5))).isEqualTo(1);
        assertThat(TEST.pValue(losses(4, 1, 1, 1, 1))).isEqualTo(1);
        assertThatThrownBy(() -> TEST.pValue(losses(1, 1.5))).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void whatALossCostsIsSaidBeforehand() {
        assertThat(TEST.conversations(0.005)).isEqualTo(367);
        assertThat(TEST.conversations(0.01)).isEqualTo(961);
    }

    @Test
    void risksAndConfidencesOutsideTheirBoundsAreRefused() {
        assertThatThrownBy(() -> new RiskTest(0, 0.95))
                .isInstanceOf(InputException.class)
                .hasMessage("--risk must be above 0 and below 1, got 0.0");
        assertThatThrownBy(() -> new RiskTest(0.02, 1))
                .isInstanceOf(InputException.class)
                .hasMessage("--confidence must be above 0 and below 1, got 1.0");
    }
}
