package dev.saiki.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.saiki.engine.Engine;
import dev.saiki.engine.settings.WeightFormat;
import dev.saiki.io.InputException;
import dev.saiki.testkit.RandomCheckpoint;
import dev.saiki.testkit.TinyModels;
import dev.saiki.text.tokenizer.BytePairTrainer;
import dev.saiki.text.tokenizer.Tokenizer;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.messages.AssistantMessage;
import org.springframework.ai.chat.messages.SystemMessage;
import org.springframework.ai.chat.messages.UserMessage;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.ai.content.Media;
import org.springframework.ai.document.Document;
import org.springframework.ai.embedding.EmbeddingModel;
import org.springframework.ai.embedding.EmbeddingOptions;
import org.springframework.ai.embedding.EmbeddingRequest;
import org.springframework.ai.model.chat.client.autoconfigure.ChatClientAutoConfiguration;
import org.springframework.ai.model.observation.ModelObservationContext;
import org.springframework.ai.tool.ToolCallback;
import org.springframework.ai.tool.function.FunctionToolCallback;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.util.MimeTypeUtils;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class SaikiAutoConfigurationTest {

    private static final int CONTEXT = 256;
    private static final Tokenizer TOKENIZER =
            BytePairTrainer.train(List.of("the whale").iterator(), BytePairTrainer.SMALLEST_VOCABULARY);

    /// The key of the requested model's name in an observation.
    private static final String REQUESTED = "gen_ai.request.model";

    @TempDir
    private static Path model;

    @BeforeAll
    static void write() throws IOException {
        RandomCheckpoint.write(model.resolve("tiny"), TinyModels.ofText(TOKENIZER.vocabSize(), CONTEXT), 3);
        TOKENIZER.save(model.resolve("tiny").resolve("tokenizer.json"));
    }

    private static ApplicationContextRunner application(String... more) {
        return new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(
                        SaikiAutoConfiguration.class,
                        SaikiHealthAutoConfiguration.class,
                        ChatClientAutoConfiguration.class))
                .withPropertyValues(
                        "spring.ai.saiki.model=" + model.resolve("tiny"),
                        "spring.ai.saiki.engine.threads=1",
                        "spring.ai.saiki.chat.temperature=0",
                        "spring.ai.saiki.chat.max-tokens=12")
                .withPropertyValues(more);
    }

    @Test
    void propertiesMakeAModelThatAnswers() {
        application().run(context -> {
            ChatResponse response = context.getBean(ChatModel.class)
                    .call(new Prompt(
                            new SystemMessage("Be brief."),
                            new UserMessage("a"),
                            new AssistantMessage("b"),
                            new UserMessage("c")));
            assertThat(text(response)).isNotEmpty();
            assertThat(Objects.requireNonNull(response.getResult())
                            .getMetadata()
                            .getFinishReason())
                    .isEqualTo("LENGTH");
            assertThat(response.getMetadata().getUsage().getCompletionTokens()).isEqualTo(12);
            assertThat(response.getMetadata().getUsage().getPromptTokens())
                    .isEqualTo("Be brief.\n\nUser: a\nAssistant: b\nUser: c\nAssistant:".length());
            assertThat(response.getMetadata().getModel()).isEqualTo("tiny");
            assertThat(response.getMetadata().<Double>get(EngineChatModel.MEAN_DEPTH))
                    .isBetween(1.0, 3.0);
        });
    }

    @Test
    void aChatClientStreamsTheSameAnswerInPieces() {
        application().run(context -> {
            ChatClient client = context.getBean(ChatClient.Builder.class).build();
            String whole = client.prompt().user("a").call().content();
            List<String> pieces =
                    client.prompt().user("a").stream().content().collectList().block(Duration.ofMinutes(1));
            assertThat(pieces).hasSizeGreaterThan(1);
            assertThat(String.join("", Objects.requireNonNull(pieces))).isEqualTo(whole);
        });
    }

    @Test
    void aSubscriberThatLeavesEndsTheWork() {
        application().run(context -> {
            ChatOptions options = ChatOptions.builder().maxTokens(200).build();
            List<ChatResponse> pieces = context.getBean(ChatModel.class).stream(new Prompt("a", options))
                    .take(2)
                    .collectList()
                    .block(Duration.ofMinutes(1));
            assertThat(pieces).hasSize(2);
            Engine engine = context.getBean(Engine.class);
            long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
            while (!engine.sequences().isEmpty() && System.nanoTime() < deadline) {
                Thread.sleep(5);
            }
            assertThat(engine.sequences()).isEmpty();
        });
    }

    @Test
    void depthIsAskedForByPropertiesAndByOptionsOverThem() {
        application("spring.ai.saiki.chat.depth.max=1").run(context -> {
            ChatModel chat = context.getBean(ChatModel.class);
            assertThat(meanDepth(chat.call(new Prompt("a")))).isEqualTo(1);
            SaikiChatOptions deep =
                    SaikiChatOptions.builder().minDepth(3).maxDepth(3).build();
            ChatResponse response = chat.call(new Prompt("a", deep));
            assertThat(meanDepth(response)).isEqualTo(3);
            assertThat(response.getMetadata().getUsage().getCompletionTokens()).isEqualTo(12);
        });
    }

    @Test
    void theSeedNamesTheText() {
        application("spring.ai.saiki.chat.temperature=1", "spring.ai.saiki.chat.seed=7")
                .run(context -> {
                    ChatModel chat = context.getBean(ChatModel.class);
                    String text = chat.call("a");
                    assertThat(chat.call("a")).isEqualTo(text);
                    SaikiChatOptions other = SaikiChatOptions.builder().seed(8L).build();
                    assertThat(text(chat.call(new Prompt("a", other)))).isNotEqualTo(text);
                });
    }

    private static String text(ChatResponse response) {
        return Objects.requireNonNull(
                Objects.requireNonNull(response.getResult()).getOutput().getText());
    }

    private static double meanDepth(ChatResponse response) {
        return Objects.requireNonNull(response.getMetadata().<Double>get(EngineChatModel.MEAN_DEPTH));
    }

    @Test
    void aChatClientRunsTheToolThatIsCalled() {
        AtomicInteger runs = new AtomicInteger();
        ToolCallback tool = FunctionToolCallback.builder("now", () -> {
                    runs.incrementAndGet();
                    return "noon";
                })
                .description("The time.")
                .build();
        application().run(context -> {
            ChatClient client = context.getBean(ChatClient.Builder.class).build();
            String answer = client.prompt()
                    .user("a")
                    .tools(tool)
                    .options(SaikiChatOptions.builder().toolRequired(true).maxTokens(40))
                    .call()
                    .content();
            assertThat(runs).hasValue(1);
            assertThat(answer).isNotEmpty();
            SaikiChatOptions options = SaikiChatOptions.builder()
                    .toolCallbacks(List.of(tool))
                    .toolRequired(true)
                    .maxTokens(40)
                    .build();
            ChatResponse last = context.getBean(ChatModel.class).stream(new Prompt("a", options))
                    .blockLast(Duration.ofMinutes(1));
            assertThat(Objects.requireNonNull(last).hasToolCalls()).isTrue();
        });
    }

    @Test
    void whatIsNotSupportedIsRefused() {
        application().run(context -> {
            ChatModel chat = context.getBean(ChatModel.class);
            assertThatThrownBy(() -> chat.call(
                            new Prompt("a", ChatOptions.builder().model("other").build())))
                    .isInstanceOf(InputException.class)
                    .hasMessage("model must be tiny, got other");
            assertThatThrownBy(() -> chat.call("a".repeat(CONTEXT))).isInstanceOf(InputException.class);
            assertThatThrownBy(() -> chat.call(new Prompt(UserMessage.builder()
                            .text("a")
                            .media(new Media(MimeTypeUtils.IMAGE_PNG, URI.create("file:nothing")))
                            .build())))
                    .isInstanceOf(InputException.class)
                    .hasMessage("contents of messages must be text, got media");
        });
    }

    /// A class that an application may request as the form of an answer.
    record Person(String name, int age) {}

    @Test
    void aSchemaOfTheOutputBindsTheAnswer() {
        application("spring.ai.saiki.chat.max-tokens=200").run(context -> {
            ChatClient client = context.getBean(ChatClient.Builder.class).build();
            Person person =
                    client.prompt().user("a").call().entity(Person.class, form -> form.useProviderStructuredOutput());
            assertThat(person).isNotNull();
            ChatModel chat = context.getBean(ChatModel.class);
            SaikiChatOptions options = SaikiChatOptions.builder()
                    .outputSchema("{\"enum\": [\"yes\", \"no\"]}")
                    .build();
            assertThat(text(chat.call(new Prompt("a", options)))).isIn("\"yes\"", "\"no\"");
            assertThatThrownBy(() -> chat.call(
                            new Prompt("a", options.mutate().outputSchema("{").build())))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("schema of the output must be JSON");
        });
    }

    @Test
    void observationsHearOfEveryRequest() {
        List<String> heard = new ArrayList<>();
        ObservationRegistry observations = ObservationRegistry.create();
        observations.observationConfig().observationHandler(new ObservationHandler<Observation.Context>() {
            @Override
            public boolean supportsContext(Observation.Context context) {
                return context instanceof ModelObservationContext<?, ?>;
            }

            @Override
            public void onStop(Observation.Context context) {
                ModelObservationContext<?, ?> model = (ModelObservationContext<?, ?>) context;
                heard.add(context.getName() + " of "
                        + model.getOperationMetadata().provider() + ", "
                        + Objects.requireNonNull(context.getLowCardinalityKeyValue(REQUESTED))
                                .getValue() + ", answered: "
                        + (model.getResponse() != null));
            }
        });
        application().withBean(ObservationRegistry.class, () -> observations).run(context -> {
            ChatModel chat = context.getBean(ChatModel.class);
            chat.call(new Prompt("a"));
            chat.stream(new Prompt("a")).blockLast(Duration.ofMinutes(1));
            context.getBean(EmbeddingModel.class).embed("a");
            assertThat(heard).hasSize(3).allMatch("gen_ai.client.operation of saiki, tiny, answered: true"::equals);
        });
    }

    @Test
    void theHealthOfTheApplicationHasTheEngines() {
        application().run(context -> {
            HealthIndicator health = context.getBean(HealthIndicator.class);
            assertThat(Objects.requireNonNull(health.health()).getStatus()).isEqualTo(Status.UP);
            context.getBean(Engine.class).close();
            assertThat(Objects.requireNonNull(health.health()).getStatus()).isEqualTo(Status.DOWN);
        });
        application("management.health.saiki.enabled=false")
                .run(context -> assertThat(context).doesNotHaveBean(HealthIndicator.class));
        application()
                .withClassLoader(new FilteredClassLoader(HealthIndicator.class))
                .run(context -> assertThat(context).hasNotFailed().hasSingleBean(ChatModel.class));
    }

    @Test
    void editorsKnowEveryPropertyAndWhatItSets() throws IOException {
        Map<String, String> described = new TreeMap<>();
        try (InputStream metadata = Objects.requireNonNull(
                SaikiAutoConfiguration.class.getResourceAsStream("/META-INF/spring-configuration-metadata.json"))) {
            for (JsonNode property : JsonMapper.shared().readTree(metadata).get("properties")) {
                described.put(
                        property.get("name").asString().substring("spring.ai.saiki.".length()),
                        property.path("description").asString());
            }
        }
        assertThat(described)
                .containsOnlyKeys(
                        "model",
                        "engine.threads",
                        "engine.weights",
                        "engine.cache",
                        "engine.max-sequences",
                        "engine.max-waiting",
                        "chat.temperature",
                        "chat.max-tokens",
                        "chat.top-p",
                        "chat.top-k",
                        "chat.frequency-penalty",
                        "chat.presence-penalty",
                        "chat.stop-sequences",
                        "chat.seed",
                        "chat.depth.effort",
                        "chat.depth.min",
                        "chat.depth.max",
                        "embedding.depth.effort",
                        "embedding.depth.min",
                        "embedding.depth.max");
        assertThat(described)
                .allSatisfy((_, description) -> assertThat(description).endsWith("."));
    }

    @Test
    void textsBecomeVectorsOfLengthOne() {
        application("spring.ai.saiki.embedding.depth.max=1").run(context -> {
            EmbeddingModel embeddings = context.getBean(EmbeddingModel.class);
            List<float[]> vectors = embeddings.embed(List.of("a", "b", "a"));
            assertThat(vectors.get(0)).isEqualTo(vectors.get(2)).isNotEqualTo(vectors.get(1));
            assertThat(embeddings.embed(new Document("a"))).isEqualTo(vectors.get(0));
            assertThat(embeddings.dimensions()).isEqualTo(vectors.get(0).length);
            EmbeddingOptions short4 = EmbeddingOptions.builder().dimensions(4).build();
            assertThat(embeddings
                            .call(new EmbeddingRequest(List.of("a"), short4))
                            .getResult()
                            .getOutput())
                    .hasSize(4);
        });
    }

    @Test
    void theEngineIsOfThePropertiesAndIsClosedWithTheApplication() {
        Engine[] opened = new Engine[1];
        application("spring.ai.saiki.engine.weights=bfloat16", "spring.ai.saiki.engine.cache=2MB")
                .run(context -> {
                    opened[0] = context.getBean(Engine.class);
                    assertThat(opened[0].options().threads()).isEqualTo(1);
                    assertThat(opened[0].options().weights()).contains(WeightFormat.BFLOAT16);
                    assertThat(opened[0].options().cacheBytes()).isEqualTo(2 << 20);
                    assertThat(opened[0].isRunning()).isTrue();
                });
        assertThat(opened[0].isRunning()).isFalse();
    }

    @Test
    void anotherProviderMayBeChosen() {
        application("spring.ai.model.chat=other", "spring.ai.model.embedding=none")
                .run(context -> {
                    assertThat(context).hasNotFailed().doesNotHaveBean(ChatModel.class);
                    assertThat(context).doesNotHaveBean(EmbeddingModel.class);
                });
    }

    @Test
    void aModelThatIsNotNamedOrNotThereIsToldOf() {
        new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(SaikiAutoConfiguration.class))
                .run(context -> {
                    Throwable failure = Objects.requireNonNull(context.getStartupFailure());
                    FailureAnalysis analysis = Objects.requireNonNull(new InputFailureAnalyzer().analyze(failure));
                    assertThat(analysis.getDescription())
                            .isEqualTo("spring.ai.saiki.model must be the folder of a model, got nothing");
                    assertThat(analysis.getAction()).contains("spring.ai.saiki");
                });
        FailureAnalysis ofRequest = Objects.requireNonNull(
                new InputFailureAnalyzer().analyze(new IllegalStateException(new InputException("too long"))));
        assertThat(ofRequest.getDescription()).isEqualTo("too long");
        assertThat(ofRequest.getAction()).as("no property is to blame").isNull();
        application("spring.ai.saiki.model=" + model.resolve("nowhere"))
                .run(context -> assertThat(context).getFailure().rootCause().isInstanceOf(InputException.class));
    }
}
