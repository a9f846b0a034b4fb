package example;

import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ToolChoice;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.store.embedding.CosineSimilarity;
import dev.saiki.engine.Engine;
import dev.saiki.engine.settings.EngineOptions;
import dev.saiki.langchain4j.SaikiChatModel;
import dev.saiki.langchain4j.SaikiChatRequestParameters;
import dev.saiki.langchain4j.SaikiEmbeddingModel;
import dev.saiki.langchain4j.SaikiStreamingChatModel;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;

/// A program that gets a whole and a streamed answer, and compares two texts.
public final class Chat {

    private Chat() {}

    /// Runs the program.
    ///
    /// @param arguments the model's folder, and a question
    public static void main(String[] arguments) {
        SaikiChatRequestParameters settings = SaikiChatRequestParameters.builder()
                .maxOutputTokens(32)
                .temperature(0.8)
                .seed(1)
                .maxDepth(2) // No token takes more than two recursions.
                .build();
        try (Engine engine = Engine.open(Path.of(arguments[0]), EngineOptions.DEFAULT)) {
            ChatModel chat = SaikiChatModel.of(engine, settings);
            ChatResponse answer = chat.chat(SystemMessage.from("Be brief."), UserMessage.from(arguments[1]));
            System.out.println(answer.aiMessage().text());
            System.out.println(answer.metadata().tokenUsage());

            ToolSpecification clock = ToolSpecification.builder()
                    .name("time")
                    .description("The time of day")
                    .build();
            AiMessage call = chat.chat(ChatRequest.builder()
                            .messages(UserMessage.from("What time is it?"))
                            .toolSpecifications(clock)
                            .toolChoice(ToolChoice.REQUIRED)
                            .build())
                    .aiMessage();
            System.out.println(call.toolExecutionRequests());

            stream(SaikiStreamingChatModel.of(engine, settings), arguments[1]);

            EmbeddingModel embeddings = SaikiEmbeddingModel.of(engine);
            Embedding whale = embeddings.embed("the white whale").content();
            Embedding ship = embeddings.embed("a ship at sea").content();
            System.out.printf("similarity %.3f%n", CosineSimilarity.between(whale, ship));
        }
    }

    private static void stream(StreamingChatModel chat, String question) {
        CompletableFuture<ChatResponse> done = new CompletableFuture<>();
        chat.chat(question, new StreamingChatResponseHandler() {
            @Override
            public void onPartialResponse(String text) {
                System.out.print(text);
            }

            @Override
            public void onCompleteResponse(ChatResponse response) {
                done.complete(response);
            }

            @Override
            public void onError(Throwable error) {
                done.completeExceptionally(error);
            }
        });
        System.out.println("\nended by " + done.join().finishReason());
    }
}
