use super::*;

#[test]
fn the_socket_is_beside_the_data() {
    assert_eq!(
        socket_dir(Path::new("/srv/site/.marquee")),
        Path::new("/srv/site/.marquee/run")
    );
}

#[test]
fn different_paths_have_different_names() {
    let names = ["/root/a-b", "/root/a/b", "/root/a%2Fb", "/root/a%b"]
        .map(|path| encode_as_name(Path::new(path)));
    assert_eq!(names[1], "root%2Fa%2Fb");
    let different: std::collections::HashSet<_> = names.iter().collect();
    assert_eq!(different.len(), names.len());
    assert!(encode_as_name(&PathBuf::from(format!("/{}", "x/".repeat(300)))).len() <= 200);
}

#[test]
fn a_path_too_long_for_a_socket_gets_a_short_stable_name() {
    let long = PathBuf::from(format!("/{}", "x".repeat(120)));
    let directory = socket_dir(&long);
    assert!(directory.as_os_str().len() <= MAX_SOCKET_DIRECTORY_LENGTH);
    assert_eq!(directory, socket_dir(&long));
    assert_ne!(directory, socket_dir(&long.join("y")));
}
