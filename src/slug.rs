//! Slugs: names that stand in addresses, made of lower-case letters, digits and single hyphens.

/// The most characters of a slug, without its year and number. A text in another script may grow many times over.
const LONGEST: usize = 200;

/// The slug of a text, transliterated from whatever script it is in. Never empty.
#[must_use]
pub fn of(text: &str) -> String {
    let slug = cut(slug::slugify(text));
    if slug.is_empty() {
        "unnamed".to_owned()
    } else {
        slug
    }
}

/// The slug of a film: of its title and year.
#[must_use]
pub fn of_film(title: &str, year: Option<i16>) -> String {
    let Some(year) = year else {
        return of(title);
    };
    let slug = cut(slug::slugify(title));
    if slug.is_empty() {
        year.to_string()
    } else {
        format!("{slug}-{year}")
    }
}

fn cut(mut slug: String) -> String {
    // It is ASCII.
    slug.truncate(LONGEST);
    slug.truncate(slug.trim_end_matches('-').len());
    slug
}

/// The first of `base`, `base-2`, `base-3` … that nobody has.
#[must_use]
pub fn free(base: &str, is_taken: impl Fn(&str) -> bool) -> String {
    if !is_taken(base) {
        return base.to_owned();
    }
    let mut number = 2_u32;
    loop {
        let slug = format!("{base}-{number}");
        if !is_taken(&slug) {
            return slug;
        }
        number += 1;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_title_of_any_script_has_a_slug() {
        assert_eq!(of_film("Pusher", Some(1996)), "pusher-1996");
        assert_eq!(of_film("Żółw & gżegżółka", None), "zolw-gzegzolka");
        assert_eq!(of("???"), "unnamed");
        assert_eq!(of_film("???", Some(1999)), "1999");
    }

    #[test]
    fn a_slug_is_cut_but_keeps_its_year() {
        assert_eq!(of(&"ß".repeat(300)), "s".repeat(LONGEST));
        let title = format!("{} {}", "a".repeat(LONGEST - 1), "b".repeat(100));
        assert_eq!(
            of_film(&title, Some(1996)),
            format!("{}-1996", "a".repeat(LONGEST - 1))
        );
    }

    #[test]
    fn a_taken_slug_gets_a_number() {
        assert_eq!(
            free("ann", |slug| ["ann", "ann-2"].contains(&slug)),
            "ann-3"
        );
    }

    proptest! {
        /// The database refuses any other form.
        #[test]
        fn every_slug_has_the_form_that_the_database_asks_for(text: String) {
            let slug = of(&text);
            prop_assert!(!slug.is_empty() && !slug.starts_with('-') && !slug.ends_with('-') && !slug.contains("--"));
            prop_assert!(slug.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'), "{slug}");
        }
    }
}
