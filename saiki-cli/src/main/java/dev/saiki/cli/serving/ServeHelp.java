package dev.saiki.cli.serving;

import dev.saiki.io.Resources;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.IHelpSectionRenderer;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.UsageMessageSpec;

/// The two help texts of `saiki serve`: `--help` shows the options that most servers need; `--help-all` shows
/// all options and an example of a configuration file.
public final class ServeHelp {

    private static final String EXAMPLE = "serve.yaml";

    /// The key of the options that `--help` shows.
    private static final String SHOWN = "saiki.serve.shown";

    private ServeHelp() {}

    /// Shortens the command's help unless `--help-all` is given.
    public static CommandLine shortenIn(CommandLine serve) {
        IHelpSectionRenderer all =
                Objects.requireNonNull(serve.getHelpSectionMap().get(UsageMessageSpec.SECTION_KEY_OPTION_LIST));
        serve.getHelpSectionMap()
                .put(
                        UsageMessageSpec.SECTION_KEY_OPTION_LIST,
                        help -> isWhole(help) ? all.render(help) + example() : shortList(help));
        return serve;
    }

    private static boolean isWhole(Help help) {
        return Boolean.TRUE.equals(help.commandSpec().findOption("--help-all").getValue());
    }

    private static String shortList(Help help) {
        Help.Layout layout = help.createDefaultLayout();
        List<OptionSpec> shown = Stream.of(
                        help.commandSpec().resourceBundle().getString(SHOWN).split(" "))
                .map(name -> Objects.requireNonNull(help.commandSpec().findOption(name), name))
                .toList();
        layout.addOptions(shown, help.createDefaultParamLabelRenderer());
        return layout.toString();
    }

    /// An example of a file for `--config`, with a heading.
    static String example() {
        String file = Resources.text(ServeHelp.class.getResourceAsStream(EXAMPLE), EXAMPLE);
        return String.format("%nAn example for --config%n%s", file);
    }
}
