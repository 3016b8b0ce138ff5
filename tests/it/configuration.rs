//! `docs/configuration.md` is generated from the definition of the command line, so that the two can't differ.

use std::fmt::Write;

use clap::{Arg, ArgAction, Command, CommandFactory};
use marquee::config::Cli;

use crate::docs::assert_document;

/// The text before the settings.
const INTRODUCTION: &str = "\
# Configuration

This file is generated from the definition of the command line: [how to update it](../CONTRIBUTING.md#generated-files).

Every setting of the server is an option of `marquee serve`, and of `marquee` without a command. Most settings are also
environment variables. An option overrides the variable. Options of `serve` stand after `serve`, or without a command.

- A list in a variable has commas between its values. An option with a list may be given several times.
- A switch, whose default is off, has no value as an option. As a variable it is off if it is empty, `0`, `false`, `f`,
  `no`, `n` or `off`, and otherwise on.
- Settings that contradict each other are reported together when the server starts. With a pair that can't be meant,
  such as a rate limit below the cost of the least page, it does not start. A setting without effect is logged.
- The variable `MARQUEE_LOG` is the filter of the log, by default `info` for the server and `warn` for commands. The
  variable `OTEL_EXPORTER_OTLP_HEADERS` has headers for the trace collector. See [observability.md](observability.md).
";

/// The heading of the settings without a heading of their own.
const SERVER: &str = "Server";

/// The text between the settings and the commands.
const COMMANDS: &str = "
## Commands

All commands take the settings of the database above. [importing.md](importing.md) and [access.md](access.md#tokens)
show how to use them.
";

/// Returns the text of `docs/configuration.md`.
fn document() -> String {
    let mut program = Cli::command();
    // Adds the global settings to each command.
    program.build();
    let serve = program.find_subcommand("serve").unwrap();
    let mut text = INTRODUCTION.to_owned();
    for (heading, settings) in by_heading(serve) {
        write!(text, "\n## {heading}\n\n").unwrap();
        text.push_str(
            "| setting | environment variable | default | meaning |\n|---|---|---|---|\n",
        );
        for setting in settings {
            let (name, default, meaning) = (name(setting), default(setting), meaning(setting));
            let variable = variable(setting);
            writeln!(text, "| {name} | {variable} | {default} | {meaning} |").unwrap();
        }
    }
    text.push_str(COMMANDS);
    add_commands(&mut text, "marquee", &program);
    text
}

/// Returns the settings of a command, without `--help`.
fn arguments(command: &Command) -> impl Iterator<Item = &Arg> {
    let arguments = command.get_arguments();
    arguments.filter(|argument| !matches!(argument.get_id().as_str(), "help" | "version"))
}

/// Returns the settings of a command by their heading in the help, in the order of the help.
fn by_heading(command: &Command) -> Vec<(&str, Vec<&Arg>)> {
    let mut groups: Vec<(&str, Vec<&Arg>)> = Vec::new();
    for argument in arguments(command) {
        let heading = argument.get_help_heading().unwrap_or(SERVER);
        match groups.iter_mut().find(|(known, _)| *known == heading) {
            Some((_, group)) => group.push(argument),
            None => groups.push((heading, vec![argument])),
        }
    }
    groups
}

/// Adds a section for each command below another one.
fn add_commands(text: &mut String, parent: &str, command: &Command) {
    for command in command.get_subcommands() {
        if matches!(command.get_name(), "serve" | "help") {
            continue;
        }
        let full_name = format!("{parent} {}", command.get_name());
        let has_own = arguments(command).any(|argument| !argument.is_global_set());
        if has_own || !command.has_subcommands() {
            add_command(text, &full_name, command);
        }
        add_commands(text, &full_name, command);
    }
}

/// Adds the section of a command.
fn add_command(text: &mut String, full_name: &str, command: &Command) {
    let about = command.get_about().map(ToString::to_string);
    let about = sentence(&about.unwrap_or_default());
    write!(text, "\n### `{full_name}`\n\n{about}\n").unwrap();
    let own: Vec<_> = arguments(command)
        .filter(|argument| !argument.is_global_set())
        .collect();
    if own.is_empty() {
        return;
    }
    text.push_str("\n| option | default | meaning |\n|---|---|---|\n");
    for option in own {
        let (name, default, meaning) = (name(option), default(option), meaning(option));
        writeln!(text, "| {name} | {default} | {meaning} |").unwrap();
    }
}

/// Returns the option of an argument, or the name of a positional argument.
fn name(argument: &Arg) -> String {
    if let Some(long) = argument.get_long() {
        return format!("`--{long}`");
    }
    let names = argument.get_value_names().unwrap_or_default();
    let name = names.first().map(ToString::to_string);
    format!("`{}`", name.unwrap_or_default())
}

/// Returns the environment variable of a setting.
fn variable(argument: &Arg) -> String {
    argument.get_env().map_or_else(
        || "–".to_owned(),
        |name| format!("`{}`", name.to_string_lossy()),
    )
}

/// Returns the default of an argument.
fn default(argument: &Arg) -> String {
    if argument.is_required_set() {
        return "required".to_owned();
    }
    if matches!(argument.get_action(), ArgAction::SetTrue) {
        return "off".to_owned();
    }
    let values: Vec<_> = argument
        .get_default_values()
        .iter()
        .map(|value| format!("`{}`", value.to_string_lossy()))
        .collect();
    if values.is_empty() {
        "–".to_owned()
    } else {
        values.join(", ")
    }
}

/// Returns the help of an argument with its possible values.
fn meaning(argument: &Arg) -> String {
    let help = argument.get_long_help().or_else(|| argument.get_help());
    let mut text = sentence(&help.map(ToString::to_string).unwrap_or_default());
    let values: Vec<_> = argument
        .get_possible_values()
        .iter()
        .filter(|_| !argument.is_hide_possible_values_set())
        // The other spellings of a boolean are hidden in the help.
        .filter(|value| !value.is_hide_set())
        .map(|value| {
            let name = value.get_name();
            let help = value.get_help().map(ToString::to_string);
            help.map_or_else(|| format!("`{name}`"), |help| format!("`{name}`: {help}"))
        })
        .collect();
    if !values.is_empty() {
        let separator = if argument.get_possible_values()[0].get_help().is_some() {
            "; "
        } else {
            ", "
        };
        write!(text, " Values: {}.", values.join(separator)).unwrap();
    }
    text.replace('|', "\\|")
}

/// Returns a text on one line that ends with a full stop. The command line removes the full stop of a help text.
fn sentence(text: &str) -> String {
    let words: Vec<_> = text.split_whitespace().collect();
    let text = words.join(" ");
    if text.ends_with('.') {
        text
    } else {
        format!("{text}.")
    }
}

#[test]
fn the_documentation_lists_all_settings_and_commands() {
    let document = document();
    for part in ["\n## Server\n", "`--max-cost`", "### `marquee import csv`"] {
        assert!(document.contains(part), "{part} is missing:\n{document}");
    }
    assert_document("docs/configuration.md", &document);
}
