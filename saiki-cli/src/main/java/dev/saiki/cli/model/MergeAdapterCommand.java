package dev.saiki.cli.model;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.Manifest;
import dev.saiki.checkpoint.adapter.AdapterDirectory;
import dev.saiki.checkpoint.adapter.AdapterMerge;
import dev.saiki.cli.terminal.Console;
import dev.saiki.cli.terminal.ExitCode;
import dev.saiki.cli.terminal.JsonOutput;
import dev.saiki.cli.terminal.OutputPaths;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ObjectNode;

/// `saiki merge-adapter`: a model with an adapter's updates in its weights.
@Command(
        name = "merge-adapter",
        description = "Add an adapter's low-rank updates to the weights of its model. Writes another checkpoint; the"
                + " matrices that were changed are float32 in it.")
public final class MergeAdapterCommand implements Callable<Integer> {

    private final Console console;

    @Option(names = "--model", paramLabel = "DIR", required = true, description = LoadedModel.FOLDER)
    private Path model = Path.of("");

    @Option(names = "--adapter", paramLabel = "DIR", required = true, description = AdapterOption.FOLDER)
    private Path adapter = Path.of("");

    @Option(names = "--out", paramLabel = "DIR", required = true, description = "Where to write the merged model.")
    private Path out = Path.of("");

    @Option(names = "--json", description = "Print one JSON object and nothing else.")
    private boolean json;

    public MergeAdapterCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        OutputPaths.requireNewOrEmpty(out);
        CheckpointDirectory base = CheckpointDirectory.open(model);
        OutputPaths.requireOutside(out, model);
        AdapterDirectory updates = AdapterDirectory.open(adapter);
        CheckpointDirectory merged = AdapterMerge.of(base, updates);
        base.writeChanged(
                out,
                base.config(),
                Map.copyOf(merged.tensors()),
                merged.manifest().orElseGet(Manifest::untrained));
        int maps = updates.config().maps().size();
        if (json) {
            ObjectNode result = JsonOutput.object();
            result.put("out", out.toString());
            result.put("maps", maps);
            result.put("rank", updates.config().rank());
            console.out().println(JsonOutput.document(result));
        } else {
            console.out().println(out + ": " + base.path() + " with " + maps + " matrices changed");
        }
        return ExitCode.DONE;
    }
}
