package dev.saiki.cli.serving;

import dev.saiki.chat.ChatFormat;
import dev.saiki.checkpoint.adapter.AdapterDirectory;
import dev.saiki.engine.Engine;
import dev.saiki.engine.settings.EngineOptions;
import dev.saiki.io.Problems;
import dev.saiki.server.settings.AdapterChoice;
import dev.saiki.server.settings.ModelChoice;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The models of a server, opened one after the other; closing this object closes all models.
final class OpenModels implements AutoCloseable {

    private final List<ModelChoice> choices = new ArrayList<>();

    private OpenModels() {}

    /// Opens models.
    ///
    /// @param models the models to be opened
    /// @param adapters the adapters, each of which belongs to one of the models
    /// @param all engine options, whose KV cache memory the models share
    /// @param chatFormat the format of conversations; empty to choose the best format for each model
    static OpenModels open(
            List<ModelArgument> models,
            List<ModelArgument> adapters,
            EngineOptions all,
            Optional<ChatFormat> chatFormat)
            throws IOException {
        EngineOptions own =
                all.toBuilder().cacheBytes(all.cacheBytes() / models.size()).build();
        OpenModels open = new OpenModels();
        try {
            for (ModelArgument model : models) {
                open.add(model, own, chatFormat);
            }
            adapters.forEach(open::addAdapter);
            return open;
        } catch (IOException | RuntimeException | Error e) {
            open.close();
            throw e;
        }
    }

    private void add(ModelArgument model, EngineOptions options, Optional<ChatFormat> chatFormat) throws IOException {
        Engine engine = Engine.open(model.folder(), options);
        try {
            ChatFormat format = chatFormat.isPresent()
                    ? chatFormat.get()
                    : ChatFormat.of(engine.checkpoint().path(), engine.tokenizer());
            choices.add(new ModelChoice(model.name(), engine, Optional.of(model.folder()), format));
        } catch (IOException | RuntimeException | Error e) {
            engine.close();
            throw e;
        }
    }

    /// Adds an adapter to the first model that it belongs to.
    private void addAdapter(ModelArgument argument) {
        AdapterDirectory adapter = AdapterDirectory.open(argument.folder());
        Problems refusals = new Problems();
        for (int i = 0; i < choices.size(); i++) {
            ModelChoice choice = choices.get(i);
            int before = refusals.size();
            refusals.check(() -> choice.engine().requireFits(adapter));
            if (refusals.size() == before) {
                List<AdapterChoice> longer = new ArrayList<>(choice.adapters());
                longer.add(new AdapterChoice(argument.name(), argument.folder()));
                choices.set(i, choice.with(longer));
                return;
            }
        }
        refusals.throwIfAny("--adapter " + argument.name());
    }

    /// The models in the form that the server requires.
    List<ModelChoice> choices() {
        return List.copyOf(choices);
    }

    @Override
    public void close() {
        choices.forEach(choice -> choice.engine().close());
    }
}
