use super::*;

/// Returns the segments with brackets around those that match.
fn marked(segments: &[Segment]) -> String {
    let marked = segments.iter().map(|segment| {
        if segment.is_match {
            format!("[{}]", segment.text)
        } else {
            segment.text.clone()
        }
    });
    marked.collect()
}

fn name(name: &str, text: &str) -> String {
    marked(&of_name(name, &SearchText::parse(text).unwrap()))
}

fn excerpt(excerpt: &str, text: &str) -> String {
    marked(&of_excerpt(excerpt, &SearchText::parse(text).unwrap()))
}

#[test]
fn what_matches_of_a_name_is_marked_as_it_is_written() {
    for (full, text, expected) in [
        ("Pelé Eterno", "pele", "[Pelé] Eterno"),
        ("Pele\u{301} Eterno", "pel", "[Pel]e\u{301} Eterno"),
        ("Pele\u{301} Eterno", "pele", "[Pele\u{301}] Eterno"),
        ("The Pusher", "puhser", "The [Pusher]"),
        ("Straßenbahn", "strass", "[Straß]enbahn"),
        ("東京物語", "東物", "[東]京[物]語"),
        ("Rosemary’s Garden", "rosemarys", "[Rosemary’s] Garden"),
        ("<b>Road</b>", "road", "<b>[Road]</b>"),
    ] {
        assert_eq!(name(full, text), expected, "{text}");
    }
}

#[test]
fn words_of_an_excerpt_match_as_the_database_finds_them() {
    assert_eq!(
        excerpt("A dense, tense film. Densely shot.", "dense film"),
        "A [dense], tense [film]. Densely shot."
    );
    assert_eq!(
        excerpt("A dense, tense film. Densely shot.", "film dens"),
        "A [dens]e, tense [film]. [Dens]ely shot."
    );
    assert_eq!(excerpt("", "film"), "");
}

#[test]
fn of_a_long_excerpt_the_part_around_the_first_match_is_shown() {
    let long = format!("{}needle {}", "hay ".repeat(100), "straw ".repeat(100));
    let shown = excerpt(&long, "needle");
    assert!(shown.starts_with("…hay "), "{shown}");
    assert!(shown.ends_with("straw…"), "{shown}");
    assert!(shown.contains(" [needle] "), "{shown}");
    assert!(shown.chars().count() <= MAX_LENGTH + 4, "{shown}");
    let from_start = excerpt(&long, "hay");
    assert!(from_start.starts_with("[hay] [hay]"), "{from_start}");
    // A word that is longer than what is shown is cut.
    let word = "x".repeat(1_000);
    assert_eq!(excerpt(&word, "x"), format!("{}…", "x".repeat(MAX_LENGTH)));
}
