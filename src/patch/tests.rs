use super::*;

fn codes(errors: UserErrors) -> Vec<(String, UserErrorCode)> {
    let errors = errors.into_vec().into_iter();
    errors
        .map(|error| (error.field.join("."), error.code))
        .collect()
}

#[test]
fn parsing_continues_after_errors() {
    let mut errors = UserErrors::default();
    let set = |text: &str| Patch::Set(text.to_owned());
    assert_eq!(
        line(
            set(" Rene\u{301}e "),
            "a",
            text::MAX_NAME_LENGTH,
            &mut errors
        ),
        set("Renée")
    );
    assert_eq!(
        line(set("  "), "b", text::MAX_NAME_LENGTH, &mut errors),
        Patch::Clear
    );
    assert_eq!(name(set("\t"), "c", &mut errors), Patch::Keep);
    assert_eq!(name(set("\u{200b}\u{3164}"), "c", &mut errors), Patch::Keep);
    assert_eq!(name(Patch::Clear, "d", &mut errors), Patch::Keep);
    assert_eq!(slug(set("A b"), "e", &mut errors), Patch::Keep);
    assert_eq!(url(set("ftp://a"), "f", &mut errors), Patch::Keep);
    assert_eq!(passage(set("a\0b"), "g", &mut errors), Patch::Keep);
    assert_eq!(line(set("abc"), "h", 2, &mut errors), Patch::Keep);
    assert_eq!(
        number::<i16>(Patch::Set(101), "i", 0..=100, &mut errors),
        Patch::Keep
    );
    let list = ["a", "", "b\nc", " a "].map(str::to_owned).to_vec();
    assert_eq!(
        names(Patch::Set(list), "j", &mut errors),
        Patch::Set(vec!["a".to_owned()])
    );
    let too_many = (0..=MAX_NAMES).map(|number| number.to_string()).collect();
    assert_eq!(names(Patch::Set(too_many), "k", &mut errors), Patch::Keep);
    let expected = [
        ("input.c", Blank),
        ("input.c", Blank),
        ("input.d", Blank),
        ("input.e", Invalid),
        ("input.f", Invalid),
        ("input.g", Invalid),
        ("input.h", TooLong),
        ("input.i", OutOfRange),
        ("input.j.2", Invalid),
        ("input.k", TooManyValues),
    ];
    let expected = expected.map(|(field, code)| (field.to_owned(), code));
    assert_eq!(codes(errors), expected);
}
