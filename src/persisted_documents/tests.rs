use super::*;

const VALID: &str = "{ films { totalCount } }";
const TRUSTED: &str = "query Films { films { totalCount } }";

/// Documents with a trusted document of the id `films`, and a validator that rejects texts without a brace.
fn documents(mode: Mode) -> PersistedDocuments {
    let mut trusted = TrustedDocuments::default();
    trusted.add("films".to_owned(), TRUSTED).unwrap();
    let validator: DocumentValidator =
        Box::new(|text| text.contains('{').then(Vec::new).ok_or("no".to_owned()));
    PersistedDocuments::new(mode, trusted, 1 << 20, validator)
}

fn extension(hash: &str) -> DocumentReference {
    DocumentReference::Extension {
        version: 1,
        hash: hash.to_owned(),
    }
}

fn extension_for(text: &str) -> DocumentReference {
    extension(&DocumentHash::of(text).to_string())
}

fn id(id: &str) -> DocumentReference {
    DocumentReference::Id(id.to_owned())
}

/// The text that a request runs.
fn run(
    documents: &PersistedDocuments,
    text: Option<&str>,
    reference: Option<&DocumentReference>,
) -> Result<String, ResolveError> {
    let resolved = documents.resolve(text.map(str::to_owned), reference)?;
    documents.cache_if_valid(&resolved);
    Ok(resolved.text)
}

#[test]
fn a_document_sent_with_its_hash_is_found_by_the_hash_afterwards() {
    let documents = documents(Mode::Allow);
    let reference = extension_for(VALID);
    assert_eq!(
        run(&documents, None, Some(&reference)),
        Err(ResolveError::NotFound)
    );
    assert_eq!(
        run(&documents, Some(""), Some(&reference)),
        Err(ResolveError::NotFound)
    );
    assert_eq!(
        run(&documents, Some(VALID), Some(&reference)),
        Ok(VALID.to_owned())
    );
    for reference in [
        extension_for(VALID),
        id(&DocumentHash::of(VALID).to_string()),
        id(&format!("sha256:{}", DocumentHash::of(VALID))),
    ] {
        assert_eq!(
            run(&documents, None, Some(&reference)),
            Ok(VALID.to_owned())
        );
    }
}

#[test]
fn a_document_without_its_hash_or_an_invalid_document_is_not_cached() {
    let documents = documents(Mode::Allow);
    assert_eq!(run(&documents, Some(VALID), None), Ok(VALID.to_owned()));
    assert_eq!(
        run(&documents, None, Some(&extension_for(VALID))),
        Err(ResolveError::NotFound)
    );
    for reference in [
        extension_for("{ other }"),
        extension("x"),
        id("unknown"),
        id("films"),
    ] {
        assert_eq!(
            run(&documents, Some(VALID), Some(&reference)),
            Err(ResolveError::Mismatch)
        );
        assert_eq!(
            run(&documents, None, Some(&extension_for(VALID))),
            Err(ResolveError::NotFound)
        );
    }
    assert_eq!(
        run(&documents, Some("bad"), Some(&extension_for("bad"))),
        Ok("bad".to_owned())
    );
    assert_eq!(
        run(&documents, None, Some(&extension_for("bad"))),
        Err(ResolveError::NotFound)
    );
}

#[test]
fn a_trusted_document_is_found_by_its_id_and_by_its_hash() {
    for mode in [Mode::Allow, Mode::Only] {
        let documents = documents(mode);
        for reference in [id("films"), extension("films"), extension_for(TRUSTED)] {
            assert_eq!(
                run(&documents, None, Some(&reference)),
                Ok(TRUSTED.to_owned())
            );
            assert_eq!(
                run(&documents, Some(TRUSTED), Some(&reference)),
                Ok(TRUSTED.to_owned())
            );
        }
        assert_eq!(run(&documents, Some(TRUSTED), None), Ok(TRUSTED.to_owned()));
        assert_eq!(
            run(&documents, Some(TRUSTED), Some(&id("other"))),
            Err(ResolveError::Mismatch)
        );
    }
}

#[test]
fn the_mode_only_rejects_documents_that_are_not_trusted() {
    let documents = documents(Mode::Only);
    for reference in [None, Some(extension_for(VALID)), Some(id("films"))] {
        assert_eq!(
            run(&documents, Some(VALID), reference.as_ref()),
            Err(ResolveError::NotTrusted)
        );
    }
    let text = format!("{TRUSTED}\n");
    assert_eq!(
        run(&documents, Some(&text), None),
        Err(ResolveError::NotTrusted)
    );
    assert_eq!(
        run(&documents, None, Some(&extension_for(VALID))),
        Err(ResolveError::NotFound)
    );
    assert_eq!(
        run(&documents, Some(""), None),
        Err(ResolveError::NotTrusted)
    );
}

#[test]
fn the_mode_off_runs_sent_documents_and_ignores_their_ids() {
    let documents = documents(Mode::Off);
    assert_eq!(
        run(&documents, Some(VALID), Some(&extension_for("{ other }"))),
        Ok(VALID.to_owned())
    );
    for reference in [extension_for(VALID), id("films")] {
        assert_eq!(
            run(&documents, None, Some(&reference)),
            Err(ResolveError::NotSupported)
        );
    }
}

#[test]
fn another_version_is_not_supported_and_a_request_needs_a_document() {
    let reference = DocumentReference::Extension {
        version: 2,
        hash: DocumentHash::of(VALID).to_string(),
    };
    for mode in [Mode::Allow, Mode::Only] {
        for text in [None, Some(TRUSTED)] {
            let result = run(&documents(mode), text, Some(&reference));
            assert_eq!(result, Err(ResolveError::NotSupported));
        }
    }
    for mode in [Mode::Off, Mode::Allow, Mode::Only] {
        assert_eq!(
            run(&documents(mode), None, None),
            Err(ResolveError::MissingDocument)
        );
    }
}
