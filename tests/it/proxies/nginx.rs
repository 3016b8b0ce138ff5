//! nginx, with the server below a path.

use std::{fs, process::Command};

use super::{Proxy, documented, program, replaced};
use crate::support::{TestDatabase, TestServer};

async fn below_reviews() -> (TestServer, Proxy) {
    let database = TestDatabase::demo().await;
    let server = TestServer::with_arguments(database, &["--trusted-proxy=127.0.0.1"]);
    let settings = documented("docs/proxies.md", "nginx");
    let settings = replaced(&settings, "127.0.0.1:8000", &server.address().to_string());
    let proxy = Proxy::start(|directory, address| {
        let http = replaced(&settings, "listen 8080;", &format!("listen {address};"));
        let directory = directory.display();
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
    (server, proxy)
}

#[tokio::test]
async fn nginx_serves_all_transports_below_a_path() {
    let (server, proxy) = below_reviews().await;
    proxy
        .assert_serves_all_transports(&server, "/reviews/graphql")
        .await;
    let outside = proxy.client.get(proxy.url("/graphql")).send().await;
    assert_eq!(outside.unwrap().status(), 404);
}

#[tokio::test]
async fn the_playground_works_below_a_path_of_nginx() {
    let (_server, proxy) = below_reviews().await;
    let get = async |url: &reqwest::Url| {
        let response = proxy.client.get(url.clone()).send().await.unwrap();
        assert_eq!(response.status(), 200, "{url}");
        (response.url().clone(), response.text().await.unwrap())
    };
    let begin = proxy.url("/reviews/playground").parse().unwrap();
    let (page, html) = get(&begin).await;
    assert!(page.path().starts_with("/reviews/"), "{page}");
    let links: Vec<&str> = ["href=\"", "src=\""]
        .iter()
        .flat_map(|attribute| html.split(attribute).skip(1))
        .filter_map(|rest| rest.split('"').next())
        .filter(|link| !link.starts_with("data:"))
        .collect();
    assert!(links.len() > 1, "{html}");
    for link in links {
        let file = page.join(link).unwrap();
        assert!(file.path().starts_with("/reviews/"), "{file}");
        get(&file).await;
    }
}
