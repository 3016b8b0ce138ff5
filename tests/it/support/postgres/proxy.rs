//! HAProxy.

use std::{
    fs,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Stdio},
};

use super::{Postgres, command_of_owner, own, url_of, wait_until};

/// An HAProxy before a server. Dropping it kills it.
#[derive(Debug)]
pub struct Proxy {
    sockets: PathBuf,
    log: PathBuf,
    child: Child,
}

impl Proxy {
    /// Starts a proxy that checks every 100 ms whether the server accepts connections.
    pub fn start(server: &Postgres) -> Self {
        let sockets = server.sibling("haproxy");
        fs::create_dir(&sockets).unwrap();
        let settings = format!(
            "global\n  log stderr format raw local0\ndefaults\n  log global\n  mode tcp\n  timeout connect 1s\n  timeout client 1m\n  timeout server 1m\n\
             listen postgresql\n  bind unix@{}/.s.PGSQL.5432 mode 666\n  \
             server primary unix@{}/.s.PGSQL.5432 check inter 100ms on-marked-down shutdown-sessions\n",
            sockets.display(),
            server.sockets().display()
        );
        let file = sockets.join("settings");
        fs::write(&file, settings).unwrap();
        own(&sockets, &server.data());
        own(&file, &server.data());
        let program = ["/usr/sbin/haproxy", "haproxy"].map(Path::new);
        let program = program.iter().find(|program| program.exists());
        let mut command =
            command_of_owner(program.unwrap_or(&Path::new("haproxy")), &server.data());
        command.arg("-f").arg(&file);
        let log = server.sibling("haproxy.log");
        let log_file = fs::File::create(&log).unwrap();
        command.stdout(Stdio::null()).stderr(log_file);
        let child = command.process_group(0).spawn().unwrap();
        let socket = sockets.join(".s.PGSQL.5432");
        wait_until("HAProxy listens", || socket.exists());
        Self {
            sockets,
            log,
            child,
        }
    }

    /// Returns the log of the proxy.
    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap()
    }

    pub fn url(&self) -> String {
        url_of(&self.sockets)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
