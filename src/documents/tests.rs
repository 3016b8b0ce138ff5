use super::*;

const GOOD: &str = "{ films { totalCount } }";
const TRUSTED: &str = "query Films { films { totalCount } }";

/// Documents with a trusted document of the id `films`, and a check that rejects texts without a brace.
fn documents(mode: Mode) -> Documents {
    let mut trusted = Trusted::default();
    trusted.add("films".to_owned(), TRUSTED).unwrap();
    let check: Check = Box::new(|text| text.contains('{').then(Vec::new).ok_or("no".to_owned()));
    Documents::new(mode, trusted, 1 << 20, check)
}

fn extension(hash: &str) -> Name {
    Name::Extension {
        version: 1,
        hash: hash.to_owned(),
    }
}

fn of(text: &str) -> Name {
    extension(&Hash::of(text).to_string())
}

fn id(id: &str) -> Name {
    Name::Id(id.to_owned())
}

/// The text that a request runs.
fn run(
    documents: &Documents,
    text: Option<&str>,
    name: Option<&Name>,
) -> Result<String, Unresolved> {
    let resolved = documents.resolve(text.map(str::to_owned), name)?;
    documents.remember(&resolved);
    Ok(resolved.text)
}

#[test]
fn a_document_sent_with_its_hash_is_found_by_the_hash_afterwards() {
    let documents = documents(Mode::Allow);
    let name = of(GOOD);
    assert_eq!(
        run(&documents, None, Some(&name)),
        Err(Unresolved::NotFound)
    );
    assert_eq!(
        run(&documents, Some(""), Some(&name)),
        Err(Unresolved::NotFound)
    );
    assert_eq!(
        run(&documents, Some(GOOD), Some(&name)),
        Ok(GOOD.to_owned())
    );
    for name in [
        of(GOOD),
        id(&Hash::of(GOOD).to_string()),
        id(&format!("sha256:{}", Hash::of(GOOD))),
    ] {
        assert_eq!(run(&documents, None, Some(&name)), Ok(GOOD.to_owned()));
    }
}

#[test]
fn a_document_without_its_hash_or_an_invalid_document_is_not_cached() {
    let documents = documents(Mode::Allow);
    assert_eq!(run(&documents, Some(GOOD), None), Ok(GOOD.to_owned()));
    assert_eq!(
        run(&documents, None, Some(&of(GOOD))),
        Err(Unresolved::NotFound)
    );
    for name in [of("{ other }"), extension("x"), id("unknown"), id("films")] {
        assert_eq!(
            run(&documents, Some(GOOD), Some(&name)),
            Err(Unresolved::Mismatch)
        );
        assert_eq!(
            run(&documents, None, Some(&of(GOOD))),
            Err(Unresolved::NotFound)
        );
    }
    assert_eq!(
        run(&documents, Some("bad"), Some(&of("bad"))),
        Ok("bad".to_owned())
    );
    assert_eq!(
        run(&documents, None, Some(&of("bad"))),
        Err(Unresolved::NotFound)
    );
}

#[test]
fn a_trusted_document_is_found_by_its_id_and_by_its_hash() {
    for mode in [Mode::Allow, Mode::Only] {
        let documents = documents(mode);
        for name in [id("films"), extension("films"), of(TRUSTED)] {
            assert_eq!(run(&documents, None, Some(&name)), Ok(TRUSTED.to_owned()));
            assert_eq!(
                run(&documents, Some(TRUSTED), Some(&name)),
                Ok(TRUSTED.to_owned())
            );
        }
        assert_eq!(run(&documents, Some(TRUSTED), None), Ok(TRUSTED.to_owned()));
        assert_eq!(
            run(&documents, Some(TRUSTED), Some(&id("other"))),
            Err(Unresolved::Mismatch)
        );
    }
}

#[test]
fn the_mode_only_rejects_documents_that_are_not_trusted() {
    let documents = documents(Mode::Only);
    for name in [None, Some(of(GOOD)), Some(id("films"))] {
        assert_eq!(
            run(&documents, Some(GOOD), name.as_ref()),
            Err(Unresolved::NotTrusted)
        );
    }
    let almost = format!("{TRUSTED}\n");
    assert_eq!(
        run(&documents, Some(&almost), None),
        Err(Unresolved::NotTrusted)
    );
    assert_eq!(
        run(&documents, None, Some(&of(GOOD))),
        Err(Unresolved::NotFound)
    );
    assert_eq!(run(&documents, Some(""), None), Err(Unresolved::NotTrusted));
}

#[test]
fn the_mode_off_runs_sent_documents_and_ignores_their_ids() {
    let documents = documents(Mode::Off);
    assert_eq!(
        run(&documents, Some(GOOD), Some(&of("{ other }"))),
        Ok(GOOD.to_owned())
    );
    for name in [of(GOOD), id("films")] {
        assert_eq!(
            run(&documents, None, Some(&name)),
            Err(Unresolved::NotSupported)
        );
    }
}

#[test]
fn another_version_is_not_supported_and_a_request_needs_a_document() {
    let name = Name::Extension {
        version: 2,
        hash: Hash::of(GOOD).to_string(),
    };
    for mode in [Mode::Allow, Mode::Only] {
        for text in [None, Some(TRUSTED)] {
            let result = run(&documents(mode), text, Some(&name));
            assert_eq!(result, Err(Unresolved::NotSupported));
        }
    }
    for mode in [Mode::Off, Mode::Allow, Mode::Only] {
        assert_eq!(run(&documents(mode), None, None), Err(Unresolved::Nothing));
    }
}
