package dev.saiki.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OldNamesTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    audit --audit x.db            | audit records --audit x.db
                    audit --stacktrace --audit x  | audit records --stacktrace --audit x
                    audit-router --model m        | audit router --model m
                    audit-consistency --json      | audit consistency --json
                    calibrate-effort --out o      | certify effort --out o
                    certify-one-pass --model m    | certify base --model m
                    verify --certificate --json   | certify check --json
                    eval-chat --model m           | eval chat --model m
                    score --text eval             | eval score --text eval
                    tradeoff --model m            | eval tradeoff --model m
                    merge-adapter --adapter a     | export --adapter a
                    plan-training --recipe r      | describe training --recipe r
                    init --seed 1                 | train init --seed 1
                    gateway --plan p              | rollout serve --plan p
                    help score                    | help eval score
                    """)
    void oldNamesRunTheNewCommand(String old, String today) {
        OldNames renamed = OldNames.replacedIn(List.of(old.split(" ")));
        assertThat(renamed.arguments()).containsExactly(today.split(" "));
        assertThat(renamed.notice().orElseThrow())
                .contains("is now \"saiki ", "the old name will be removed after this release");
    }

    @ParameterizedTest
    @CsvSource({
        "audit records --audit x",
        "audit --help",
        "audit",
        "verify --model m",
        "eval score",
        "help",
        "--version"
    })
    void namesOfTodayStay(String words) {
        OldNames renamed = OldNames.replacedIn(List.of(words.split(" ")));
        assertThat(renamed.arguments()).containsExactly(words.split(" "));
        assertThat(renamed.notice()).isEmpty();
    }

    @Test
    void anOptionBeforeTheCommandHidesNeitherOldNamesNorConfigurationFiles() {
        CommandRun.of("--stacktrace", "plan-training", "--help").succeeds();
        CommandRun refused = CommandRun.of("--stacktrace", "serve", "--config", "no-such-file.yaml");
        assertThat(refused.exitCode()).isEqualTo(2);
        assertThat(refused.err()).contains("no-such-file.yaml: no such server configuration");
    }

    @Test
    void standardOutputStaysCleanAndHelpNamesNoOldCommand() {
        CommandRun old = CommandRun.of("plan-training", "--help").succeeds();
        assertThat(old.out())
                .isEqualTo(CommandRun.of("describe", "training", "--help").out());
        assertThat(old.err())
                .isEqualTo("saiki: \"plan-training\" is now \"saiki describe training\"; the old name will be removed"
                        + " after this release" + System.lineSeparator());
        assertThat(CommandRun.of("--help").out()).doesNotContain("plan-training", "merge-adapter", "gateway ");
    }
}
