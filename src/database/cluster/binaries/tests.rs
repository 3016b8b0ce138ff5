use super::*;

fn found(versions: &[u32]) -> BTreeMap<u32, PathBuf> {
    versions
        .iter()
        .map(|version| (*version, PathBuf::from(format!("/pg/{version}"))))
        .collect()
}

#[test]
fn the_version_is_parsed_from_the_output_of_postgres() {
    assert_eq!(
        parse_version("postgres (PostgreSQL) 15.18 (Debian 15.18-0)\n"),
        Some(15)
    );
    assert_eq!(parse_version("postgres (PostgreSQL) 18beta1"), Some(18));
    assert_eq!(parse_version("bash: postgres: not found"), None);
}

#[test]
fn a_new_cluster_uses_the_newest_version() {
    let binaries = Binaries::choose(found(&[]), found(&[14, 15, 17]), None).unwrap();
    assert_eq!(
        (binaries.major(), binaries.path("initdb")),
        (17, "/pg/17/initdb".into())
    );
}

#[test]
fn a_new_cluster_prefers_the_newest_supported_version_on_path() {
    for (on_path, chosen) in [(&[15, 16][..], 16), (&[14], 17)] {
        let binaries = Binaries::choose(found(on_path), found(&[15, 17]), None).unwrap();
        assert_eq!(binaries.major(), chosen);
    }
}

#[test]
fn an_existing_cluster_uses_the_version_that_created_it() {
    let binaries =
        Binaries::choose(found(&[]), found(&[15, 17]), Some((15, "/data".into()))).unwrap();
    assert_eq!(binaries.major(), 15);
}

#[test]
fn each_error_is_one_line_with_the_remedy() {
    let message = |result: Result<Binaries, ClusterError>| result.unwrap_err().to_string();
    let missing = message(Binaries::choose(found(&[]), found(&[]), None));
    assert!(missing.contains("apt-get install postgresql"), "{missing}");
    let old = message(Binaries::choose(found(&[]), found(&[13, 14]), None));
    assert!(
        old.starts_with("PostgreSQL 14 at /pg/14 is too old"),
        "{old}"
    );
    let other = message(Binaries::choose(
        found(&[]),
        found(&[15, 17]),
        Some((16, "/data".into())),
    ));
    assert!(
        other.starts_with("/data was created by PostgreSQL 16, and this machine has only 15, 17"),
        "{other}"
    );
    assert!(
        [missing, old, other]
            .iter()
            .all(|text| !text.contains('\n'))
    );
}
