package example;

import dev.saiki.spring.SaikiChatOptions;
import java.util.Objects;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.embedding.EmbeddingModel;
import org.springframework.boot.CommandLineRunner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;

/// An application that asks its model one question when it starts.
@SpringBootApplication
public class Application {

    /// Runs the application.
    ///
    /// @param arguments properties, such as `--spring.ai.saiki.model=FOLDER --question=Who?`
    public static void main(String[] arguments) {
        SpringApplication.run(Application.class, arguments);
    }

    @Bean
    CommandLineRunner asker(ChatClient.Builder chats, EmbeddingModel embeddings, Question asked) {
        return arguments -> {
            ChatClient chat = chats.defaultSystem("Be brief.").build();
            System.out.println(chat.prompt().user(asked.question()).call().content());
            chat.prompt().user(asked.question()).stream()
                    .chatResponse()
                    .doOnNext(piece -> System.out.print(piece.getResult().getOutput().getText()))
                    .blockLast();
            System.out.println(chat.prompt()
                    .user("What time is it?")
                    .tools(new Clock())
                    .options(SaikiChatOptions.builder().toolRequired(true))
                    .call()
                    .content());
            float[] vector = Objects.requireNonNull(embeddings.embed(asked.question()));
            System.out.println("\na vector of " + vector.length + " numbers");
        };
    }
}
