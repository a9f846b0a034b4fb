package dev.saiki.cli.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.saiki.io.InputException;
import dev.saiki.text.corpus.Corpus;
import dev.saiki.text.corpus.Document;
import dev.saiki.text.tokenizer.BytePairTrainer;
import dev.saiki.text.tokenizer.Tokenizer;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TextPromptsTest {

    private static final List<String> TEXTS = IntStream.range(0, 6)
            .mapToObj(document -> {
                SplittableRandom random = new SplittableRandom(document);
                return IntStream.range(0, 500)
                        .mapToObj(_ -> "number " + random.nextInt(10_000))
                        .collect(Collectors.joining(", "));
            })
            .toList();

    private static final Corpus CORPUS = Corpus.ofDocuments(
            "numbers", TEXTS.stream().map(text -> new Document("", text)).toList());

    private static final Tokenizer TOKENIZER = BytePairTrainer.train(CORPUS, 300);

    private static LoadPlan plan() {
        return new LoadPlan(20, 10, TextPrompts.of(CORPUS, TOKENIZER), 256, 7);
    }

    @Test
    void everyPromptOfALoadIsAPieceOfTheText() {
        List<LoadRequest> requests = plan().requests(0, 300);
        assertThat(requests).allSatisfy(request -> {
            for (String part : TOKENIZER.decode(request.prompt()).split("<\\|endoftext\\|>", -1)) {
                assertThat(TEXTS).anySatisfy(text -> assertThat(text).contains(part));
            }
        });
        // Random tokens, of which loads must not consist again, are no such excerpts.
        LoadPlan random = new LoadPlan(20, 10, new RandomTokens(TOKENIZER.vocabSize()), 256, 7);
        assertThat(random.requests(0, 300))
                .noneSatisfy(request -> assertThat(TEXTS)
                        .anySatisfy(text -> assertThat(text).contains(TOKENIZER.decode(request.prompt()))));
    }

    @Test
    void promptsComeFromAllOverTheTextAndNoTwoOfThemBeginAtOnePlace() {
        int[] all = TEXTS.stream()
                .flatMapToInt(text -> Arrays.stream(TOKENIZER.encode(text)))
                .toArray();
        PromptSource.Drawing drawing =
                new TextPrompts("", List.of(IntStream.range(0, all.length).toArray())).draw(new SplittableRandom(3));
        Set<Integer> places = new HashSet<>();
        int[] tenths = new int[10];
        for (int i = 0; i < all.length / 3; i++) {
            int place = drawing.next(20)[0];
            assertThat(places.add(place)).isTrue();
            tenths[place * 10 / all.length]++;
        }
        assertThat(tenths).doesNotContain(0);
        assertThat(Arrays.stream(tenths).max().orElseThrow())
                .isLessThan(2 * Arrays.stream(tenths).min().orElseThrow());
    }

    @Test
    void partsOfALoadHaveNothingInCommon() {
        TextPrompts places =
                new TextPrompts("", List.of(IntStream.range(0, 4_000_000).toArray()));
        LoadPlan plan = new LoadPlan(20, 10, places, 256, 7);
        Set<Integer> begun = new HashSet<>();
        for (int part = -20; part < 20; part++) {
            plan.requests(part, 100).forEach(request -> begun.add(request.prompt()[0]));
            plan.poisson(part + 100, 100, Duration.ofSeconds(1))
                    .forEach(arrival -> begun.add(arrival.request().prompt()[0]));
        }
        // With some 8,000 positions among four million, about eight pairs are equal by chance.
        assertThat(begun).hasSizeGreaterThan(7_600);
        Set<Integer> first = plan.requests(0, 1_000).stream()
                .map(request -> request.prompt()[0])
                .collect(Collectors.toSet());
        assertThat(first).hasSize(1_000);
        first.retainAll(plan.requests(1, 1_000).stream()
                .map(request -> request.prompt()[0])
                .toList());
        assertThat(first).hasSizeLessThan(5);
    }

    @Test
    void promptsOfArrivalsAreOfTheTextToo() {
        assertThat(plan().poisson(0, 20, Duration.ofSeconds(5)))
                .hasSizeGreaterThan(50)
                .allSatisfy(arrival -> assertThat(String.join("", TEXTS))
                        .contains(TOKENIZER.decode(arrival.request().prompt()).split("<\\|endoftext\\|>", -1)[0]));
    }

    @Test
    void aTextThatIsTooShortIsRefusedAndAShortOneIsUsedAgain() {
        PromptSource.Drawing drawing =
                new TextPrompts("little", List.of(new int[] {1, 2, 3, 4})).draw(new SplittableRandom(1));
        assertThatThrownBy(() -> drawing.next(5))
                .isInstanceOf(InputException.class)
                .hasMessage("little must have at least the 5 tokens of a prompt, got 4");
        for (int i = 0; i < 20; i++) {
            assertThat(drawing.next(4)).containsExactly(1, 2, 3, 4);
        }
    }

    @Test
    void aPromptSourceSaysWhatItIs() {
        assertThat(TextPrompts.of(CORPUS, TOKENIZER).name()).isEqualTo("numbers");
        assertThat(new RandomTokens(9).name()).isEqualTo("random tokens");
    }
}
