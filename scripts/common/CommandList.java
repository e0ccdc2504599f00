import avdaily.base.Failure;

/** A script that does nothing by itself, but through its commands. */
abstract class CommandList extends Script {
    @Override
    int run() {
        String name = spec.name();
        out().note(spec.commandLine().getHelp().commandList().stripTrailing());
        String first = spec.subcommands().keySet().iterator().next();
        throw Failure.usage(
                "no command is named",
                "name one, as in '" + name + " " + first + "'; '" + name + " help " + first + "' explains it.");
    }
}
