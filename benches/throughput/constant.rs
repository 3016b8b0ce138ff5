//! A server that responds to every request with the same body: the upper limit for HTTP on this machine.

use std::{
    env,
    io::{BufRead as _, BufReader},
    process::{Command, Stdio},
};

use actix_web::{App, HttpResponse, HttpServer, web};

use crate::load::{self, Load, Requests};

const FLAG: &str = "--constant-body=";

/// Returns the size of the body in bytes if the arguments start this process as that server.
pub fn requested_size(arguments: &[String]) -> Option<usize> {
    let size = arguments
        .iter()
        .find_map(|argument| argument.strip_prefix(FLAG));
    size.and_then(|size| size.parse().ok())
}

/// Runs that server until the process is killed.
pub fn serve(size: usize) {
    let body = "x".repeat(size);
    actix_web::rt::System::new().block_on(async move {
        let server = HttpServer::new(move || {
            let body = web::Bytes::from(body.clone());
            App::new().default_service(web::to(move |_read: web::Bytes| {
                let response = HttpResponse::Ok()
                    .content_type("application/json")
                    .body(body.clone());
                async { response }
            }))
        });
        let server = server.bind("127.0.0.1:0").unwrap();
        println!("http://{}/graphql", server.addrs()[0]);
        server.run().await.unwrap();
    });
}

/// Measures that server, in a separate process.
pub fn measure(size: usize) -> Load {
    let mut server = Command::new(env::current_exe().unwrap())
        .arg(format!("{FLAG}{size}"))
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut url = String::new();
    BufReader::new(server.stdout.take().unwrap())
        .read_line(&mut url)
        .unwrap();
    let load = load::wrk(
        url.trim(),
        &Requests::of(vec!["{}".to_owned()]),
        load::CONNECTIONS,
        load::SECONDS,
    );
    server.kill().unwrap();
    server.wait().unwrap();
    load
}
