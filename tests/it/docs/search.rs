//! The search in the documentation, `scripts/search-docs`.

use std::process::Command;

use super::{anchor, read};
use crate::support::root;

/// Returns the sections that the search finds, the best first.
fn search(question: &str) -> Vec<String> {
    let output = Command::new("node")
        .arg("scripts/search-docs")
        .args(question.split(' '))
        .current_dir(root())
        .output()
        .expect("Node.js is installed; `make test` installs it");
    let found = String::from_utf8(output.stdout).unwrap();
    let lines = found.lines().map(|line| line.split("  ").next().unwrap());
    lines.map(str::to_owned).collect()
}

#[test]
fn each_question_finds_its_own_answer_first() {
    let faq = read("docs/faq.md");
    let questions: Vec<&str> = faq
        .lines()
        .filter_map(|line| line.strip_prefix("## "))
        .collect();
    assert!(questions.len() > 10, "{questions:?}");
    for question in questions {
        let expected = format!("docs/faq.md#{}", anchor(question));
        assert_eq!(search(question).first(), Some(&expected), "{question}");
    }
}

#[test]
fn questions_in_other_words_find_an_answer() {
    for (question, answer) in [
        ("score formula example by hand", "docs/score-example.md#"),
        (
            "weights of publications and missing publication",
            "docs/score-example.md#",
        ),
        ("rounding of the mean", "docs/score"),
        (
            "site-wide minimum of reviews",
            "docs/faq.md#can-i-set-a-minimum",
        ),
        (
            "change the thresholds of verdicts",
            "docs/faq.md#can-i-set-a-minimum",
        ),
        ("labels in German or French", "docs/faq.md#are-labels"),
        (
            "sign up with a password",
            "docs/faq.md#do-critics-have-passwords",
        ),
        (
            "personal data of critics and tokens",
            "docs/faq.md#which-personal-data",
        ),
        (
            "are IP addresses in the logs",
            "docs/faq.md#which-personal-data",
        ),
        ("GDPR", "docs/faq.md#which-personal-data"),
        ("RAM for 100,000 films", "docs/faq.md#how-big-a-machine"),
        (
            "disk size of a large catalogue",
            "docs/faq.md#how-big-a-machine",
        ),
        ("show a score on another site", "docs/faq.md#how-do-i-embed"),
        ("html fetch CORS", "docs/faq.md#how-do-i-embed"),
        ("scalars graphql-codegen", "docs/clients.md#scalars"),
        ("nginx TLS below a path", "docs/nginx.md#"),
        (
            "WebSocket refused by origin",
            "docs/subscriptions.md#web-pages",
        ),
        ("Prometheus 403", "docs/faq.md#why-does-prometheus"),
        ("backup", "docs/faq.md#how-do-i-make-a-backup"),
        ("lost token", "docs/faq.md#"),
    ] {
        let found = search(question);
        let best = found.iter().take(3);
        assert!(
            best.clone().any(|section| section.starts_with(answer)),
            "{question}: {found:?}"
        );
    }
}

#[test]
fn a_search_without_a_result_says_so() {
    assert_eq!(search("xylophone zeppelin"), [""; 0]);
    // Words that every question has find nothing.
    assert_eq!(search("how do I"), [""; 0]);
}
