//! The commands of docs/operations.md, run one by one beside a server.

use std::{fs, process::Command};

use crate::support::{
    postgres::can_dump,
    program::{DataDir, Program, clean_environment, marquee, run},
    root,
};

/// Returns the lines of the blocks of commands in a document.
fn commands(document: &str) -> Vec<String> {
    let blocks = document.split("```sh\n").skip(1);
    let blocks = blocks.map(|block| block.split("```").next().unwrap());
    blocks
        .flat_map(str::lines)
        .map(|line| line.trim().to_owned())
        .filter(|line| !line.is_empty())
        .collect()
}

#[test]
fn the_commands_of_the_drill_succeed_one_after_the_other() {
    if !can_dump() {
        return;
    }
    let document = fs::read_to_string(root().join("docs/operations.md")).unwrap();
    let commands = commands(&document);
    assert!(commands.len() >= 15, "{commands:?}");
    let dir = DataDir::named(".marquee");
    let directory = dir.sibling("");
    // The program under its name, on the path of the shell.
    let programs = dir.sibling("bin");
    fs::create_dir(&programs).unwrap();
    let program = marquee(&[]).get_program().to_owned();
    std::os::unix::fs::symlink(program, programs.join("marquee")).unwrap();
    let server = Program::ready(dir.server(&["--demo"]));
    let titles = server.titles();

    let lines = commands.iter().map(|command| {
        let quoted = command.replace('\'', "'\\''");
        format!("printf '%s\\n' '+ {quoted}'\n{command}")
    });
    let script = format!("set -eu\n{}", lines.collect::<Vec<_>>().join("\n"));
    let mut shell = Command::new("bash");
    shell.args(["-c", &script]).current_dir(&directory);
    clean_environment(&mut shell);
    let path = std::env::var("PATH").unwrap();
    shell.env("PATH", format!("{}:{path}", programs.display()));
    let result = run(shell);
    let begun = result.stdout.lines().filter(|line| line.starts_with("+ "));
    assert_eq!(begun.count(), commands.len(), "{result:?}");
    let output = result.output();
    for part in [
        "backed up ",
        "restored films: 12, ",
        "every tally equals a recount",
        "reverted m",
        "applied m",
        "Front desk",
    ] {
        assert!(output.contains(part), "{part}: {output}");
    }
    assert!(!output.contains("pending m") || output.contains("reverted m"));
    assert_eq!(server.titles(), titles);
    assert_eq!(server.stop().status.code(), Some(0));
    drop(DataDir::at(directory.join("fresh/.marquee")));
}
