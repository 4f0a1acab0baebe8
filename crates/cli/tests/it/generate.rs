//! `paydirt generate`.

use std::path::Path;

use crate::support::{demo, paydirt, run};

/// The files of a folder with their content, by name.
fn files(dir: &Path) -> Vec<(String, String)> {
    let mut files: Vec<_> = std::fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.file_type().unwrap().is_file())
        .map(|entry| (entry.file_name().into_string().unwrap(), std::fs::read_to_string(entry.path()).unwrap()))
        .collect();
    files.sort();
    files
}

#[test]
fn the_demo_fixture_is_what_the_command_in_its_readme_writes() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("demo");
    let ran = run(paydirt().args(["generate", "--demo", "--seed", "1"]).arg(&dir));
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(files(&dir.join("bronze")), files(&demo().join("bronze")));
    let case = std::fs::read_to_string(demo().join("case.toml")).unwrap();
    assert_eq!(std::fs::read_to_string(dir.join("case.toml")).unwrap(), case);
}

#[test]
fn a_folder_with_files_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("precious"), "x").unwrap();
    let ran = run(paydirt().args(["generate"]).arg(folder.path()));
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("is not empty"), "{}", ran.stderr);
    assert_eq!(files(folder.path()).len(), 1);
}
