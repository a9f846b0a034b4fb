package dev.saiki.cli.model;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.Manifest;
import dev.saiki.checkpoint.adapter.AdapterDirectory;
import dev.saiki.checkpoint.adapter.AdapterMerge;
import dev.saiki.cli.terminal.JsonCommand;
import dev.saiki.cli.terminal.JsonOutput;
import dev.saiki.cli.terminal.OutputPaths;
import dev.saiki.convert.ModelExport;
import dev.saiki.io.InputException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ObjectNode;

/// `saiki export`: writes a checkpoint for other tools.
@Command(name = "export")
public final class ExportCommand extends JsonCommand {

    @Option(names = "--model", paramLabel = "DIR", required = true)
    private Path model = Path.of("");

    @Mixin
    private AdapterOption adapter = new AdapterOption();

    @Option(names = "--format", paramLabel = "FORMAT")
    private ModelExport.@Nullable Format format;

    @Option(names = "--weights", paramLabel = "TYPE")
    private ModelExport.@Nullable Weights weights;

    @Option(names = "--max-depth", paramLabel = "N")
    private @Nullable Integer maxDepth;

    @Option(names = "--out", paramLabel = "PATH", required = true)
    private Path out = Path.of("");

    @Override
    protected void run() throws IOException {
        model = BuiltInModel.folderOf(model, console.environment());
        switch (format) {
            case null -> merge();
            case HF -> {
                OutputPaths.requireNewOrEmpty(out);
                export(format);
            }
            case GGUF -> {
                OutputPaths.requireNewFile(out);
                export(format);
            }
        }
    }

    /// Writes a Saiki checkpoint with the adapter merged into its weights.
    private void merge() throws IOException {
        Path folder = adapter.folder()
                .orElseThrow(
                        () -> new InputException("--format must be hf or gguf, got nothing; it may be left out only"
                                + " with --adapter, which writes a checkpoint with the adapter merged"));
        if (weights != null || maxDepth != null) {
            throw new InputException("--weights and --max-depth need --format, got none; add it or leave them out");
        }
        OutputPaths.requireNewOrEmpty(out);
        CheckpointDirectory base = CheckpointDirectory.open(model);
        OutputPaths.requireOutside(out, model);
        AdapterDirectory updates = AdapterDirectory.open(folder);
        CheckpointDirectory merged = AdapterMerge.of(base, updates);
        base.writeChanged(
                out,
                base.config(),
                Map.copyOf(merged.tensors()),
                merged.manifest().orElseGet(Manifest::untrained));
        int maps = updates.config().maps().size();
        ObjectNode result = JsonOutput.object();
        result.put("out", out.toString());
        result.put("maps", maps);
        result.put("rank", updates.config().rank());
        print(result, out + ": " + base.path() + " with " + maps + " matrices changed");
    }

    private void export(ModelExport.Format format) throws IOException {
        OptionalInt depth = maxDepth == null ? OptionalInt.empty() : OptionalInt.of(maxDepth);
        CheckpointDirectory opened = adapter.open(model);
        ModelExport.Exported exported = ModelExport.run(opened, format, Optional.ofNullable(weights), depth, out);
        if (depth.orElse(0) == 1) {
            warnIfNotTheBase(opened);
        }
        int layers = exported.config().numHiddenLayers();
        ObjectNode result = JsonOutput.object();
        result.put("out", out.toString());
        result.put("unrolled", exported.unrolled());
        result.put("num_hidden_layers", layers);
        print(result, out + ": a vanilla model of " + layers + " layers" + (exported.unrolled() ? ", unrolled" : ""));
    }

    /// Users expect one pass of a deepened model to equal its base; its certificate tells whether it does.
    private void warnIfNotTheBase(CheckpointDirectory opened) {
        CertificateText.of(opened)
                .filter(text -> !text.holds())
                .ifPresent(text ->
                        note("saiki: warning: the exported model is not certified to equal the base; " + text.line()));
    }
}
