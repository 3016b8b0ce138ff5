use std::{collections::BTreeSet, fs, path::Path};

use super::*;

#[test]
fn every_description_in_the_directory_is_a_layout() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/import/layouts");
    let files: BTreeSet<String> = fs::read_dir(directory)
        .unwrap()
        .filter_map(|entry| {
            let name = entry.unwrap().file_name().into_string().unwrap();
            name.strip_suffix(".toml").map(str::to_owned)
        })
        .collect();
    let layouts = all().unwrap_or_else(|error| panic!("{error}"));
    let names: BTreeSet<String> = layouts.iter().map(|layout| layout.name.clone()).collect();
    assert_eq!(files, names);
}

#[test]
fn each_layout_is_recognized_by_its_own_columns() {
    for layout in all().unwrap() {
        let found = recognition::find(&layout.required, all().unwrap());
        assert_eq!(found.map(|found| &found.name), Some(&layout.name));
    }
}
