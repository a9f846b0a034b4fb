package dev.saiki.rollout.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.saiki.evidence.GateTest.Sides;
import dev.saiki.http.Json;
import dev.saiki.http.server.ConnectionLimits;
import dev.saiki.http.server.ExchangeServer;
import dev.saiki.http.server.ListenOptions;
import dev.saiki.io.InputException;
import dev.saiki.rollout.pair.Fault;
import dev.saiki.rollout.pair.Outcome;
import dev.saiki.rollout.pair.Pair;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class CheckTest {

    private static final Duration SOON = Duration.ofMillis(10);
    private static final Outcome FAILED = new Outcome.Failed(Fault.FAILED, "status 500", SOON, SOON);

    private static Outcome.Answered answer(String text) {
        return new Outcome.Answered(false, false, text, "", 1, 1, SOON, SOON, Optional.empty());
    }

    private static OptionalDouble difference(Check check, String baseline, String candidate) {
        return difference(check, answer(baseline), answer(candidate));
    }

    private static OptionalDouble difference(Check check, Outcome baseline, Outcome candidate) {
        Optional<Sides> sides = check.observe(new Pair("{}", baseline, candidate));
        return sides.map(both -> OptionalDouble.of(both.candidate() - both.baseline()))
                .orElseGet(OptionalDouble::empty);
    }

    @Test
    void failuresCountTheSameInAllChecks() {
        for (Check check :
                List.of(new ErrorCheck(true, true), new AgreementCheck(false), new RegexCheck(Pattern.compile("x")))) {
            assertThat(difference(check, answer("x"), FAILED)).hasValue(1);
            assertThat(difference(check, FAILED, FAILED)).hasValue(0);
        }
    }

    @Test
    void anAnswerIsNotComparedWithNone() {
        assertThat(difference(new AgreementCheck(false), FAILED, answer("x"))).isEmpty();
        assertThat(difference(new ErrorCheck(true, true), FAILED, answer("x"))).hasValue(-1);
    }

    @Test
    void anAnswerThatIsCutOffIsAnErrorUnlessThePlanAllowsIt() {
        Outcome cut = cutOff("x");
        assertThat(difference(new ErrorCheck(true, true), answer("x"), cut)).hasValue(1);
        assertThat(difference(new ErrorCheck(true, true), cut, cut)).hasValue(0);
        assertThat(difference(new ErrorCheck(false, true), answer("x"), cut)).hasValue(0);
    }

    private static Outcome cutOff(String text) {
        return new Outcome.Answered(true, false, text, "", 1, 1, SOON, SOON, Optional.empty());
    }

    /// Where clients request few tokens, all answers of a good baseline are cut off.
    @Test
    void anAnswerThatIsCutOffHidesNoWorseErrorOfTheOtherSide() {
        Check check = new ErrorCheck(true, true);
        assertThat(difference(check, cutOff("x"), FAILED)).hasValue(1);
        assertThat(difference(check, FAILED, cutOff("x"))).hasValue(-1);
        assertThat(difference(check, cutOff("a sea of"), cutOff("a sea of<|im_end|>")))
                .hasValue(1);
        assertThat(difference(check, cutOff("a sea of<|im_end|>"), cutOff("a sea of")))
                .hasValue(-1);
        assertThat(check.observeAlone("{}", cutOff("x"))).contains(new Sides(1, 1));
    }

    private static OptionalDouble doubts(String prompt, Outcome baseline, Outcome candidate) {
        String request = "{\"messages\":[{\"role\":\"system\",\"content\":\"Be brief.\"},"
                + "{\"role\":\"user\",\"content\":\"" + prompt + "\"}]}";
        Optional<Sides> sides = new ErrorCheck(true, true).observe(new Pair(request, baseline, candidate));
        return sides.map(both -> OptionalDouble.of(both.candidate() - both.baseline()))
                .orElseGet(OptionalDouble::empty);
    }

    private static Outcome.Answered counted(String text, boolean hasThoughts, long prompt, long completion) {
        return new Outcome.Answered(false, hasThoughts, text, "", prompt, completion, SOON, SOON, Optional.empty());
    }

    @Test
    void anAnswerInAnotherScriptThanThePromptIsAnError() {
        assertThat(doubts("日本の首都はどこですか", answer("東京です"), answer("Tokyo"))).hasValue(1);
        assertThat(doubts("日本の首都はどこですか", answer("Tokyo"), answer("東京"))).hasValue(-1);
        assertThat(doubts("日本の首都はどこですか", answer("東京です"), answer("東京"))).hasValue(0);
        assertThat(doubts("東京", answer("東京です"), answer("これです"))).hasValue(0);
        assertThat(doubts("日本の首都はどこですか", answer("東京です"), answer("日本国首都是東京都位於關東平原中部人口約一千四百萬")))
                .hasValue(1);
        assertThat(doubts("Translate: the sky", answer("空"), answer("そら"))).hasValue(0);
        assertThat(doubts("How much is it?", answer("five"), answer("5"))).hasValue(0);
    }

    /// An answer without numbers of tokens.
    private static Outcome.Answered said(String text) {
        return counted(text, false, 0, 0);
    }

    @Test
    void anAnswerThatEndsWithTheSameWordsAgainAndAgainIsAnError() {
        String good = "First take the lid off, then turn it round, and put it on again.";
        assertThat(doubts("How?", said(good), said("Well. " + "Take the lid off. ".repeat(3))))
                .hasValue(1);
        assertThat(doubts("How?", said(good), said("no".repeat(20)))).hasValue(1);
        assertThat(doubts("How?", said(good), said(good + " " + good))).hasValue(1);
        assertThat(doubts("How?", said(good), said("well well well"))).hasValue(1);
        assertThat(doubts("How?", said(good), said("so so"))).hasValue(0);
        assertThat(doubts("Say no", said("no".repeat(20)), said("no".repeat(30))))
                .hasValue(0);
        assertThat(difference(new ErrorCheck(true, false), said(good), said("no".repeat(20))))
                .hasValue(0);
    }

    @Test
    void anAnswerBeyondTheLimitsOfItsRequestIsAnError() {
        Check check = new ErrorCheck(true, true);
        String request = "{\"prompt\":\"Tell me\",\"max_tokens\":20,\"stop\":[\"END\"]}";
        Outcome good = counted("a short answer to this", false, 3, 6);
        for (Outcome bad : List.of(counted("a short answer to this", false, 3, 21), said("a short answer END of it"))) {
            assertThat(check.observe(new Pair(request, good, bad))).contains(new Sides(0, 1));
            assertThat(check.observe(new Pair(request, bad, bad))).contains(new Sides(0, 0));
        }
    }

    @Test
    void controlTokensAndBrokenCharactersAreAnError() {
        assertThat(doubts("How?", said("So."), said("So.<|im_end|>"))).hasValue(1);
        assertThat(doubts("How?", said("So."), said("So \uFFFD."))).hasValue(1);
        assertThat(doubts("How?", said("So."), said("a <|b| > c || d"))).hasValue(0);
    }

    @Test
    void numbersOfTokensThatATextCannotHaveAreAnError() {
        String text = "an answer of forty characters and no more";
        Outcome usual = counted(text, false, 30, 9);
        assertThat(doubts("What?", usual, counted(text, false, 50, 20))).hasValue(0);
        assertThat(doubts("What?", usual, counted(text, false, 0, 0))).hasValue(1);
        assertThat(doubts("What?", counted(text, false, 30, 90), usual)).hasValue(0);
        assertThat(doubts("What?", said(text), said(text))).hasValue(0);
        assertThat(doubts("What?", usual, counted(text, false, 300, 9))).hasValue(1);
        assertThat(doubts("What?", usual, counted(text, false, 30, 90))).hasValue(1);
        assertThat(doubts("What?", usual, counted(text, true, 30, 90))).hasValue(0);
        assertThat(doubts("What?", usual, counted(text, false, 30, 0))).hasValue(1);
        assertThat(doubts("What?", usual, counted(text.repeat(5) + ".", false, 30, 2)))
                .hasValue(1);
    }

    @Test
    void anAnswerWithoutOneOfTheBaselineIsJudgedUnlessTheCheckComparesWhatTheySay() {
        for (Check check : List.of(
                new ErrorCheck(true, true),
                new RegexCheck(Pattern.compile("x")),
                new LatencyQuantileCheck(0.9, true, 1, false))) {
            assertThat(check.observeAlone("{}", FAILED).orElseThrow().candidate())
                    .isPositive();
            assertThat(check.observeAlone("{}", answer("x")).orElseThrow().candidate())
                    .isLessThan(0.1);
        }
        assertThat(new AgreementCheck(true).observeAlone("{}", answer("x"))).isEmpty();
    }

    @Test
    void anExpressionMustBeFound() {
        Check check = new RegexCheck(Pattern.compile("[0-9]+ EUR"));
        assertThat(difference(check, "12 EUR", "none")).hasValue(1);
        assertThat(difference(check, "none", "12 EUR")).hasValue(-1);
        assertThat(difference(check, "12 EUR", "13 EUR")).hasValue(0);
    }

    @Test
    void anExpressionIsSearchedForABoundedTime() {
        Check check = new RegexCheck(Pattern.compile("a*a*a*a*="));
        assertThat(difference(check, "a=", "a".repeat(3_000))).hasValue(1);
    }

    @Test
    void anAnswerMustFitASchema() {
        Check check = SchemaCheck.of("{\"type\":\"object\",\"required\":[\"a\"]}");
        assertThat(difference(check, "{\"a\":1}", "{\"b\":1}")).hasValue(1);
        assertThat(difference(check, "{\"a\":1}", "no JSON")).hasValue(1);
        assertThat(difference(check, "{\"a\":1}", "{\"a\":2}")).hasValue(0);
    }

    @Test
    void aSchemasPatternIsSearchedForABoundedTime() {
        Check check = SchemaCheck.of("{\"properties\":{\"a\":{\"pattern\":\"x*x*x*x*y\"}}}");
        assertThat(difference(check, "{\"a\":\"xy\"}", "{\"a\":\"" + "x".repeat(3_000) + "\"}"))
                .hasValue(0);
        assertThat(difference(check, "{\"a\":\"xy\"}", "{\"a\":\"x\"}")).hasValue(1);
    }

    @Test
    void aSchemaThatIsNoneIsRefused() {
        assertThatThrownBy(() -> SchemaCheck.of("{")).isInstanceOf(InputException.class);
    }

    @Test
    void agreementMayBeExactOrNormalised() {
        assertThat(difference(new AgreementCheck(false), "Yes, sir.", "yes sir"))
                .hasValue(1);
        assertThat(difference(new AgreementCheck(true), "Yes, sir.", "yes  sir"))
                .hasValue(0);
        assertThat(difference(new AgreementCheck(true), "yes", "no")).hasValue(1);
    }

    @Test
    void callsOfToolsMustAgree() {
        Outcome.Answered one =
                new Outcome.Answered(false, false, "", "look {\"at\":1}", 1, 1, SOON, SOON, Optional.empty());
        Outcome.Answered other =
                new Outcome.Answered(false, false, "", "look {\"at\":2}", 1, 1, SOON, SOON, Optional.empty());
        assertThat(new AgreementCheck(true).difference("{}", one, one)).hasValue(0);
        assertThat(new AgreementCheck(true).difference("{}", one, other)).hasValue(1);
    }

    @Test
    void slownessIsALoss() {
        Outcome.Answered slow = new Outcome.Answered(
                false, false, "x", "", 1, 1, Duration.ofSeconds(3), Duration.ofSeconds(3), Optional.empty());
        assertThat(difference(new LatencyCheck(Duration.ofSeconds(1), false), answer("x"), slow))
                .hasValue(1);
        assertThat(difference(new LatencyCheck(Duration.ofSeconds(5), true), answer("x"), slow))
                .hasValue(0);
    }

    @Test
    void aProgramTellsTheDifference() {
        Duration timeout = Duration.ofSeconds(10);
        Check check =
                new CommandCheck(List.of("sh", "-c", "grep -q '\"candidate\":\"bad\"' && echo 0.5 || echo 0"), timeout);
        assertThat(difference(check, "good", "bad")).hasValue(0.5);
        assertThat(difference(check, "good", "good")).hasValue(0);
    }

    @Test
    void aProgramThatFailsOrHangsSaysNothing() {
        assertThat(difference(
                        new CommandCheck(List.of("sh", "-c", "echo 1; exit 3"), SOON.multipliedBy(1000)), "a", "b"))
                .isEmpty();
        assertThat(difference(new CommandCheck(List.of("sh", "-c", "echo 7"), SOON.multipliedBy(1000)), "a", "b"))
                .isEmpty();
        assertThat(difference(new CommandCheck(List.of("sleep", "30"), Duration.ofMillis(200)), "a", "b"))
                .isEmpty();
        assertThat(difference(new CommandCheck(List.of("no-such-program-here"), SOON), "a", "b"))
                .isEmpty();
    }

    @Test
    void aServiceTellsTheDifference() {
        ListenOptions local = new ListenOptions("127.0.0.1", 0, ConnectionLimits.DEFAULT, Optional.empty());
        try (ExchangeServer service = ExchangeServer.start(
                local,
                exchange -> exchange.send(
                        exchange.path().equals("/good") ? 200 : 500,
                        Json.CONTENT_TYPE,
                        "{\"difference\":-0.25}".getBytes(StandardCharsets.UTF_8)))) {
            String address = "http://127.0.0.1:" + service.port();
            Duration timeout = Duration.ofSeconds(10);
            assertThat(difference(new HookCheck(URI.create(address + "/good"), timeout), "a", "b"))
                    .hasValue(-0.25);
            assertThat(difference(new HookCheck(URI.create(address + "/bad"), timeout), "a", "b"))
                    .isEmpty();
        }
    }
}
