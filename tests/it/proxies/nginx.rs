//! nginx, with TLS and the server below a path.

use std::{fs, net::SocketAddr, process::Command};

use marquee::access::Role;
use rcgen::generate_simple_self_signed;

use super::{Proxy, documented, free_address, program, replaced};
use crate::{
    clients::{add_reviews, run_with},
    support::{TestDatabase, TestServer},
};

/// nginx with the settings of the documentation, and the server behind it.
struct BelowReviews {
    server: TestServer,
    proxy: Proxy,
    /// The address that redirects to TLS.
    plain: SocketAddr,
    /// The token of an editor.
    token: String,
}

impl BelowReviews {
    async fn start() -> Self {
        let database = TestDatabase::demo().await;
        let token = database.token(Role::Editor, None).await;
        let arguments = ["--trusted-proxy=127.0.0.1", "--connections-per-address=0"];
        let server = TestServer::with_arguments(database, &arguments);
        let settings = documented("docs/nginx.md", "nginx");
        let settings = replaced(&settings, "127.0.0.1:8000", &server.address().to_string());
        let plain = free_address();
        let settings = replaced(&settings, "listen 80;", &format!("listen {plain};"));
        let proxy = Proxy::start(|directory, address| {
            let generated = generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
            let directory = directory.display();
            let (certificate, key) = (format!("{directory}/cert"), format!("{directory}/key"));
            fs::write(&certificate, generated.cert.pem()).unwrap();
            fs::write(&key, generated.signing_key.serialize_pem()).unwrap();
            let live = "/etc/letsencrypt/live/films.example";
            let mut http = settings;
            for (from, to) in [
                ("listen 443 ", format!("listen {address} ")),
                (&*format!("{live}/fullchain.pem"), certificate),
                (&*format!("{live}/privkey.pem"), key),
            ] {
                http = replaced(&http, from, &to);
            }
            let paths: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
                .map(|kind| format!("{kind}_temp_path {directory}/{kind};\n"))
                .concat();
            let all = format!(
                "daemon off;\npid {directory}/pid;\nerror_log stderr;\nevents {{}}\nhttp {{\naccess_log off;\n{paths}{http}}}\n"
            );
            let file = format!("{directory}/nginx.conf");
            fs::write(&file, all).unwrap();
            let mut command = Command::new(program("nginx"));
            command.args(["-e", "stderr", "-c", &file]);
            command
        })
        .await;
        Self {
            server,
            proxy,
            plain,
            token,
        }
    }

    fn url(&self) -> String {
        format!("https://{}/reviews", self.proxy.address)
    }
}

#[tokio::test]
async fn nginx_serves_all_transports_with_tls_below_a_path() {
    let nginx = BelowReviews::start().await;
    let plain = format!("http://{}", nginx.plain);
    run_with(&["proxied.mjs", &nginx.url(), &nginx.token, &plain]).await;
}

#[tokio::test]
async fn the_playground_works_with_tls_below_a_path_of_nginx() {
    let nginx = BelowReviews::start().await;
    let url = nginx.url();
    let arguments = ["playground.mjs", &url];
    tokio::select! {
        () = run_with(&arguments) => {}
        () = add_reviews(&nginx.server) => {}
    }
}
