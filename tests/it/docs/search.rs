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

/// Questions as people ask them, each with the sections that answer it.
const QUESTIONS: &str = "
score formula example by hand -> score-example.md#
weights of publications and missing publication -> faq.md#how-exactly scores.md#from score-example.md#
rounding of the mean -> score-example.md# scores.md#
site-wide minimum of reviews -> faq.md#can-i-set-a-minimum site-rules.md#
change the thresholds of verdicts -> faq.md#can-i-set-a-minimum site-rules.md#
labels in German or French -> faq.md#are-labels languages.md#
sign up with a password -> faq.md#do-critics-have-passwords
personal data of critics and tokens -> faq.md#which-personal-data
are IP addresses in the logs -> faq.md#which-personal-data
GDPR -> faq.md#which-personal-data
RAM for 100,000 films -> faq.md#how-big-a-machine
disk size of a large catalogue -> faq.md#how-big-a-machine
show a score on another site -> faq.md#how-do-i-embed
html fetch CORS -> faq.md#how-do-i-embed faq.md#how-do-i-allow
CORS -> faq.md#how-do-i-allow subscriptions.md#web-pages
cross-origin request blocked -> faq.md#how-do-i-allow subscriptions.md#web-pages
Excel -> faq.md#how-do-i-import-an-excel
upload my spreadsheet -> faq.md#how-do-i-import-an-excel
live updates -> faq.md#how-does-a-page-show-live
realtime -> faq.md#how-does-a-page-show-live subscriptions.md#
start with an empty catalogue -> faq.md#how-do-i-start
my own films instead of the demo -> faq.md#how-do-i-start
format of a pasted page -> importing.md#a-page-of-reviews
scalars graphql-codegen -> clients.md#scalars
nginx TLS below a path -> nginx.md#
WebSocket refused by origin -> subscriptions.md#web-pages
Prometheus 403 -> faq.md#why-does-prometheus
backup -> faq.md#how-do-i-make-a-backup operations.md#backup
lost token -> faq.md#
";

#[test]
fn questions_in_other_words_find_an_answer() {
    for line in QUESTIONS.trim().lines() {
        let (question, answers) = line.split_once(" -> ").unwrap();
        let answers: Vec<String> = answers
            .split(' ')
            .map(|answer| format!("docs/{answer}"))
            .collect();
        let found = search(question);
        let is_answer = |section: &String| answers.iter().any(|answer| section.starts_with(answer));
        assert!(found.iter().take(3).any(is_answer), "{question}: {found:?}");
    }
}

#[test]
fn whole_words_come_before_words_with_the_same_stem() {
    // "cores" and "CORS" have the same stem.
    let found = search("cores");
    let cors = |section: &String| section.contains("cors");
    assert!(!found.first().is_some_and(cors), "{found:?}");
    assert!(search("CORS").first().is_some_and(cors));
}

#[test]
fn a_search_without_a_result_says_so() {
    assert_eq!(search("xylophone zeppelin"), [""; 0]);
    // Words that every question has find nothing.
    assert_eq!(search("how do I"), [""; 0]);
}
