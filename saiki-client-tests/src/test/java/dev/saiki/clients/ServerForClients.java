package dev.saiki.clients;

import dev.saiki.engine.Engine;
import dev.saiki.engine.settings.EngineOptions;
import dev.saiki.server.SaikiServer;
import dev.saiki.server.settings.ServerOptions;
import dev.saiki.testkit.RandomCheckpoint;
import dev.saiki.testkit.TinyModels;
import dev.saiki.text.BytePairTrainer;
import dev.saiki.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/// A server at a free port of this machine, with a model of random weights.
///
/// @param engine the model
/// @param server at its port
record ServerForClients(Engine engine, SaikiServer server) implements AutoCloseable {

    /// What the model is called.
    static final String MODEL = "tiny";

    static final Tokenizer TOKENIZER =
            BytePairTrainer.train(List.of("the whale").iterator(), BytePairTrainer.SMALLEST_VOCABULARY);

    static ServerForClients in(Path folder) throws IOException {
        Engine engine = Engine.open(
                RandomCheckpoint.write(folder.resolve("model"), TinyModels.ofText(TOKENIZER.vocabSize(), 256), 3),
                TOKENIZER,
                EngineOptions.DEFAULT.withThreads(1));
        return new ServerForClients(
                engine, SaikiServer.start(engine, ServerOptions.local(MODEL).at("127.0.0.1", 0)));
    }

    /// What clients of OpenAI call the base URL; the version belongs to it.
    String baseUrl() {
        return "http://127.0.0.1:" + server.port() + "/v1";
    }

    @Override
    public void close() {
        server.close();
        engine.close();
    }
}
