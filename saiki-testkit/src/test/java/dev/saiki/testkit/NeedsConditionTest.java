package dev.saiki.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class NeedsConditionTest {

    @ParameterizedTest
    @EnumSource
    void withoutItsProgramATestIsLeftOutAndSaysSo(Program program) {
        ConditionEvaluationResult result = NeedsCondition.evaluate(program, false, false);
        assertThat(result.isDisabled()).isTrue();
        assertThat(result.getReason())
                .hasValueSatisfying(reason -> assertThat(reason).contains("is not installed", "set " + program.name()));
    }

    @ParameterizedTest
    @EnumSource(names = "HELM", mode = EnumSource.Mode.EXCLUDE)
    void inTheCiItFails(Program program) {
        assertThat(program.absence()).contains("apt-get install");
        assertThatThrownBy(() -> NeedsCondition.evaluate(program, false, true))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("no test may be skipped in CI");
    }

    @Test
    void whatTheCiCannotInstallIsLeftOutThereToo() {
        ConditionEvaluationResult result = NeedsCondition.evaluate(Program.HELM, false, true);
        assertThat(result.isDisabled()).isTrue();
        assertThat(result.getReason()).hasValue("Helm is not installed: set HELM to its path");
    }

    @ParameterizedTest
    @EnumSource
    void withItsProgramItRuns(Program program) {
        assertThat(NeedsCondition.evaluate(program, true, true).isDisabled()).isFalse();
        assertThat(NeedsCondition.evaluate(program, true, false).isDisabled()).isFalse();
    }
}
