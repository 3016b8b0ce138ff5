use proptest::prelude::*;

use super::*;

#[test]
fn a_year_in_brackets_at_the_end_is_split_off() {
    for (text, expected) in [
        ("The Amber Tide (2015)", Some(("The Amber Tide", 2015))),
        (" Metropolis(1927) ", Some(("Metropolis", 1927))),
        ("2012 (2009)", Some(("2012", 2009))),
        ("Up (Down) (2009)", Some(("Up (Down)", 2009))),
        ("The Amber Tide", None),
        ("(2015)", None),
        ("The Amber Tide (2015) remastered", None),
        ("The Amber Tide (film)", None),
        ("The Amber Tide (1066)", None),
        ("The Amber Tide (+201)", None),
        ("The Amber Tide [2015]", None),
        (")", None),
        ("", None),
    ] {
        assert_eq!(title_with_year(text), expected, "{text}");
    }
}

proptest! {
    #[test]
    fn what_was_joined_is_split(title in "[^()]{0,20}[^() ]", year in 1870_i16..=2200) {
        let title = title.trim();
        prop_assume!(!title.is_empty());
        let text = format!("{title} ({year})");
        prop_assert_eq!(title_with_year(&text), Some((title, year)));
    }

    #[test]
    fn any_text_is_split_or_left(text in "[a( )0-9é]{0,12}") {
        if let Some((title, year)) = title_with_year(&text) {
            prop_assert!(!title.is_empty() && text.contains(title) && film::YEARS.contains(&year.into()));
        }
    }
}
