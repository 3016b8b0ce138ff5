//! Commands of the program and their results.

use std::process::{Command, ExitStatus};

use super::Program;

/// Returns a command that runs the program with arguments and without Marquee's settings in its environment.
/// `MARQUEE_TEST_PROGRAM` names another build of the program, such as an optimized one.
pub fn marquee(arguments: &[&str]) -> Command {
    let program = std::env::var_os("MARQUEE_TEST_PROGRAM");
    let mut command = Command::new(program.unwrap_or(env!("CARGO_BIN_EXE_marquee").into()));
    command.args(arguments);
    clean_environment(&mut command);
    command
}

/// Removes Marquee's settings and those of OpenTelemetry from a command's environment. Its servers and commands find
/// each other, but not those of the developer.
pub fn clean_environment(command: &mut Command) {
    command.env("XDG_RUNTIME_DIR", env!("CARGO_TARGET_TMPDIR"));
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy().into_owned();
        let is_setting = name.starts_with("MARQUEE_") || name.starts_with("OTEL_");
        if is_setting || name == "DATABASE_URL" {
            command.env_remove(name);
        }
    }
}

/// The exit status and the output of a command.
#[derive(Debug)]
pub struct CommandResult {
    pub status: ExitStatus,
    pub stdout: String,
    pub stderr: String,
}

impl CommandResult {
    /// Returns the standard output. The command must have succeeded.
    pub fn output(self) -> String {
        assert_eq!(self.status.code(), Some(0), "{self:?}");
        self.stdout
    }

    /// Returns the error message. The command must have exited with status 1, and the message must be the only error
    /// and the last line of standard error.
    pub fn error(&self) -> &str {
        assert_eq!(self.status.code(), Some(1), "{self:?}");
        let mut errors = self
            .stderr
            .lines()
            .filter(|line| line.starts_with("error: "));
        let error = errors.next().unwrap_or_else(|| panic!("{self:?}"));
        assert_eq!(errors.next(), None, "{self:?}");
        assert_eq!(self.stderr.lines().last(), Some(error), "{self:?}");
        // On a slow machine a command may also log and report its progress.
        let others = [
            "  INFO ",
            "  WARN ",
            " ERROR ",
            "reading (",
            "creating a database in ",
        ];
        for line in self.stderr.lines().filter(|line| *line != error) {
            assert!(others.iter().any(|other| line.contains(other)), "{self:?}");
        }
        error
    }
}

/// Runs a command without input and waits until it exits.
pub fn run(command: Command) -> CommandResult {
    Program::start(command, None).wait()
}

/// Runs a command with `input` as its standard input and waits until it exits.
pub fn run_over(command: Command, input: &[u8]) -> CommandResult {
    Program::start(command, Some(input)).wait()
}
