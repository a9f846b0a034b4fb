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

    private final SoakLedger account = new SoakLedger();

    private void ended(String id, Outcome outcome) {
        account.sent(id);
        account.ended(id, outcome);
    }

    private void letIn(String id, Integer... statuses) {
        ended(id, new Outcome.LetIn(Set.of(statuses)));
    }

    @Test
    void oneRecordWithTheRightStatusForEachThatWasLetInIsAllThereMustBe() {
        letIn("answered", 200);
        letIn("left", 200, 499);
        letIn("malformed", 400);
        ended("refused", new Outcome.KeptOut());
        assertThat(account.problems(
                        List.of(new Kept("left", 499), new Kept("malformed", 400), new Kept("answered", 200))))
                .isEmpty();
        assertThat(account.size()).isEqualTo(4);
    }

    @Test
    void aRequestWithoutARecordIsNamed() {
        letIn("answered", 200);
        letIn("lost", 200);
        assertThat(account.problems(List.of(new Kept("answered", 200))))
                .containsExactly("0 records of a request that was let in: lost");
    }

    @Test
    void aRequestWithTwoRecordsIsNamed() {
        letIn("twice", 200);
        assertThat(account.problems(List.of(new Kept("twice", 200), new Kept("twice", 200))))
                .containsExactly("2 records of a request that was let in: twice");
    }

    @Test
    void aRecordWithAnotherStatusThanTheClientSawIsNamed() {
        letIn("left", 200, 499);
        assertThat(account.problems(List.of(new Kept("left", 500))))
                .containsExactly("a record with status 500 where it must be [200, 499]: left");
    }

    @Test
    void aRecordOfARequestThatWasKeptOutIsNamed() {
        ended("refused", new Outcome.KeptOut());
        assertThat(account.problems(List.of(new Kept("refused", 401))))
                .containsExactly("a record of a request that was kept out: refused");
    }

    @Test
    void aRecordOfNobodysRequestIsNamed() {
        assertThat(account.problems(List.of(new Kept("ghost", 200))))
                .containsExactly("a record without a request: ghost");
    }

    @Test
    void aClientThatNeverCameBackIsNamedEvenIfItsRecordIsThere() {
        account.sent("waiting");
        assertThat(account.problems(List.of(new Kept("waiting", 200))))
                .containsExactly("a client never came back: waiting");
    }

    @Test
    void whatAClientMustNotSeeIsAProblemWhateverTheAuditSays() {
        ended("wrong", new Outcome.Wrong("status 500"));
        assertThat(account.problems(List.of(new Kept("wrong", 500)))).containsExactly("status 500: wrong");
    }

    @Test
    void ofManyOfAKindAFewAreNamedAndAllAreCounted() {
        IntStream.range(0, 8).forEach(number -> letIn("r" + number, 200));
        assertThat(account.problems(List.of()))
                .containsExactly("0 records of a request that was let in: r0, r1, r2, r3, r4, and 3 more");
    }

    @Test
    void aClientThatWasNotSentCannotComeBack() {
        assertThatThrownBy(() -> account.ended("nobody", new Outcome.KeptOut()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("nobody was sent with the request nobody");
    }
}
