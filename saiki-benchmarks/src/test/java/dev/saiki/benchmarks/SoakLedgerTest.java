package dev.saiki.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.saiki.benchmarks.SoakLedger.Kept;
import dev.saiki.benchmarks.SoakLedger.Outcome;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SoakLedgerTest {

    private final SoakLedger ledger = new SoakLedger();

    private void ended(String id, Outcome outcome) {
        ledger.sent(id);
        ledger.ended(id, outcome);
    }

    private void accepted(String id, Integer... statuses) {
        ended(id, new Outcome.Accepted(Set.of(statuses)));
    }

    @Test
    void oneRecordWithTheRightStatusForEachThatWasAcceptedIsAllThereMustBe() {
        accepted("answered", 200);
        accepted("left", 200, 499);
        accepted("malformed", 400);
        ended("refused", new Outcome.Rejected());
        assertThat(ledger.problems(
                        List.of(new Kept("left", 499), new Kept("malformed", 400), new Kept("answered", 200))))
                .isEmpty();
        assertThat(ledger.size()).isEqualTo(4);
    }

    @Test
    void aRequestWithoutARecordIsNamed() {
        accepted("answered", 200);
        accepted("lost", 200);
        assertThat(ledger.problems(List.of(new Kept("answered", 200))))
                .containsExactly("0 records of an accepted request: lost");
    }

    @Test
    void aRequestWithTwoRecordsIsNamed() {
        accepted("twice", 200);
        assertThat(ledger.problems(List.of(new Kept("twice", 200), new Kept("twice", 200))))
                .containsExactly("2 records of an accepted request: twice");
    }

    @Test
    void aRecordWithAnotherStatusThanTheClientSawIsNamed() {
        accepted("left", 200, 499);
        assertThat(ledger.problems(List.of(new Kept("left", 500))))
                .containsExactly("a record with status 500 where it must be [200, 499]: left");
    }

    @Test
    void aRecordOfARequestThatWasRejectedIsNamed() {
        ended("refused", new Outcome.Rejected());
        assertThat(ledger.problems(List.of(new Kept("refused", 401))))
                .containsExactly("a record of a rejected request: refused");
    }

    @Test
    void aRecordOfNobodysRequestIsNamed() {
        assertThat(ledger.problems(List.of(new Kept("ghost", 200))))
                .containsExactly("a record without a request: ghost");
    }

    @Test
    void aClientWithoutAnOutcomeIsNamedEvenIfItsRecordIsThere() {
        ledger.sent("waiting");
        assertThat(ledger.problems(List.of(new Kept("waiting", 200))))
                .containsExactly("a request has no outcome: waiting");
    }

    @Test
    void whatAClientMustNotSeeIsAProblemWhateverTheAuditSays() {
        ended("wrong", new Outcome.Wrong("status 500"));
        assertThat(ledger.problems(List.of(new Kept("wrong", 500)))).containsExactly("status 500: wrong");
    }

    @Test
    void ofManyOfAKindAFewAreNamedAndAllAreCounted() {
        IntStream.range(0, 8).forEach(number -> accepted("r" + number, 200));
        assertThat(ledger.problems(List.of()))
                .containsExactly("0 records of an accepted request: r0, r1, r2, r3, r4, and 3 more");
    }

    @Test
    void aClientThatWasNotSentCannotComeBack() {
        assertThatThrownBy(() -> ledger.ended("nobody", new Outcome.Rejected()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("unknown request nobody");
    }
}
