package example;

import dev.saiki.engine.Engine;
import dev.saiki.engine.GenerationRequest;
import dev.saiki.engine.Token;
import dev.saiki.engine.TokenStream;
import dev.saiki.engine.settings.EngineOptions;
import java.nio.file.Path;

/// A program that continues a text.
public final class Continue {

    private Continue() {}

    /// Runs the program.
    ///
    /// @param arguments the model's folder, and a text
    public static void main(String[] arguments) {
        try (Engine engine = Engine.open(Path.of(arguments[0]), EngineOptions.DEFAULT);
                TokenStream stream = engine.submit(GenerationRequest.greedy(engine.tokenizer().encode(arguments[1]), 32))) {
            for (Token token : stream) {
                System.out.print(token.text());
            }
            System.out.printf("%n%.2f recursions a token%n", stream.finish().meanDepth());
        }
    }
}
