//! What other accounts of the host can read: the state folder and files with secrets.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use connect_desk::private::{of_another, secret, tighten};

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

fn modes(folder: &Path, names: &[&str]) -> Vec<u32> {
    names.iter().map(|name| mode(&folder.join(name))).collect()
}

#[test]
fn a_state_folder_is_made_private_and_nothing_outside_of_it() {
    let home = tempfile::tempdir().unwrap();
    let state = home.path().join("state");
    assert_eq!(tighten(&state).unwrap(), [] as [PathBuf; 0]);
    fs::create_dir_all(state.join("db")).unwrap();
    fs::write(home.path().join("else"), "").unwrap();
    std::os::unix::fs::symlink(home.path().join("else"), state.join("link")).unwrap();
    for (name, mode) in [("", 0o755), ("db", 0o750), ("../else", 0o644)] {
        set_mode(&state.join(name), mode);
    }
    for (name, mode) in [("db/db", 0o664), ("log.key", 0o600), ("log.pub", 0o644)] {
        fs::write(state.join(name), "").unwrap();
        set_mode(&state.join(name), mode);
    }
    assert_eq!(tighten(&state).unwrap().len(), 4);
    let names = ["", "db", "db/db", "log.key", "log.pub", "../else"];
    assert_eq!(modes(&state, &names), [0o700, 0o700, 0o600, 0o600, 0o600, 0o644]);
    assert_eq!(tighten(&state).unwrap(), [] as [PathBuf; 0], "once is enough");
    // What the folder above keeps from others is no news, and is made private as well.
    set_mode(&state.join("db/db"), 0o644);
    assert_eq!((tighten(&state).unwrap(), modes(&state, &["db/db"])), (vec![], vec![0o600]));
}

#[test]
fn root_runs_no_desk_in_the_folder_of_another_account() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(of_another(folder.path()), None);
    assert_eq!(of_another(&folder.path().join("missing")), None);
    // Only root can give a folder away.
    if std::os::unix::fs::chown(folder.path(), Some(12_345), None).is_ok() {
        let problem = of_another(folder.path()).unwrap();
        assert!(problem.to_string().contains("runuser -u connect-desk"), "{problem}");
    }
}

#[test]
fn what_everyone_may_change_is_refused_and_left_as_it_is() {
    for mode in [0o777, 0o1777, 0o702] {
        let folder = tempfile::tempdir().unwrap();
        set_mode(folder.path(), mode);
        assert_eq!(tighten(folder.path()).unwrap_err().code, "not_private", "{mode:o}");
        assert_eq!(modes(folder.path(), &[""]), [mode]);
    }
}

#[test]
fn a_secret_that_others_can_read_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    fs::write(&file, "secret").unwrap();
    for (mode, is_private) in [(0o644, false), (0o640, false), (0o604, false), (0o600, true), (0o400, true)] {
        set_mode(&file, mode);
        assert_eq!(secret(&file).is_ok(), is_private, "{mode:o}");
    }
    assert!(secret(&folder.path().join("nothing")).unwrap().is_err());
}
