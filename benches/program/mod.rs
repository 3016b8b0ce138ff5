//! Starts and stops the program under test.

use std::{
    io::{BufRead as _, BufReader, Read},
    path::Path,
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

/// Returns a command that runs the program with a data directory.
pub fn marquee(data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_marquee"));
    command
        .env_remove("DATABASE_URL")
        .env("MARQUEE_DATA_DIR", data);
    command
}

/// Starts a server. Returns it with its URL, `http://127.0.0.1:port/graphql`.
pub fn serve(data: &Path, settings: &[&str]) -> (Child, String) {
    let mut program = marquee(data)
        .args(["serve", "--listen=127.0.0.1:0"])
        .args(settings)
        .env("NO_COLOR", "1")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let url = url_of(&mut program);
    (program, url)
}

/// Reads the URL of a server from its log. The later output is read and discarded, because a full pipe would block the
/// server.
fn url_of(program: &mut Child) -> String {
    let (sender, receiver) = mpsc::channel();
    let streams: [Box<dyn Read + Send>; 2] = [
        Box::new(program.stdout.take().unwrap()),
        Box::new(program.stderr.take().unwrap()),
    ];
    for stream in streams {
        let sender = sender.clone();
        thread::spawn(move || {
            for line in BufReader::new(stream).lines().map_while(Result::ok) {
                if let Some((_, after_prefix)) = line.split_once("ready: ") {
                    let _ = sender.send(
                        after_prefix
                            .split(',')
                            .next()
                            .unwrap_or_default()
                            .to_owned(),
                    );
                }
            }
        });
    }
    receiver.recv_timeout(Duration::from_mins(1)).unwrap()
}

/// Stops a server and its PostgreSQL.
pub fn stop(mut program: Child) {
    let process = Pid::from_raw(i32::try_from(program.id()).unwrap());
    kill(process, Signal::SIGTERM).unwrap();
    program.wait().unwrap();
}

/// Runs a future to completion.
pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(future)
}
