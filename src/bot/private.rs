//! Keeps what the desk has on disk from other accounts of the host: its state folder, and the files with its secrets.

use std::io;
use std::path::{Path, PathBuf};

use desk_core::basics::problem::Problem;
use secrecy::SecretString;

/// Folders in folders that are looked through. The desk makes fewer.
const DEPTH_MAX: u32 = 8;

/// The permissions that others have.
const OTHERS: u32 = 0o077;

/// Makes a state folder and everything in it private, and gives what others could reach. A folder that doesn't exist is private enough.
///
/// What everyone may write, and folders that are meant to be shared, are refused: no one can tell what was put there.
pub fn tighten(folder: &Path) -> Result<Vec<PathBuf>, Problem> {
    let mut open = all_open(folder)?;
    // A key that others can write may have been replaced: it stays as it is, and anyone who reads it refuses it.
    open.retain(|Open { path, mode, .. }| {
        mode & 0o022 == 0 || path.extension().is_none_or(|extension| extension != "key")
    });
    for Open { path, mode, .. } in &open {
        set_mode(path, mode & !OTHERS).map_err(|error| {
            Problem::operator(
                "not_private",
                format!(
                    "Other accounts can read {}, and the desk can't change that ({error}).",
                    path.display()
                ),
            )
            .hint(format!("Run the desk as its owner, or run `chmod -R go= {}`.", folder.display()))
        })?;
    }
    open.retain(|open| open.is_in_reach);
    for Open { path, .. } in &open {
        tracing::warn!(path = %path.display(), "other accounts could read this; fixed");
    }
    Ok(open.into_iter().map(|open| open.path).collect())
}

/// Makes a folder for the desk alone, if there is none.
pub fn create(folder: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(folder)
}

/// Why root runs no desk in this folder: it belongs to another account, which could not open what root makes in it.
pub fn of_another(folder: &Path) -> Option<Problem> {
    let metadata = std::fs::metadata(folder).ok()?;
    if !is_root() || is_ours(&metadata) {
        return None;
    }
    let message =
        format!("{} belongs to another account, so root can't run the desk in it.", folder.display());
    let hint = "Run it as that account: `runuser -u connect-desk -- connect-desk run --config FILE`. Or start the service.";
    Some(Problem::operator("state_folder", message).hint(hint))
}

/// Gives a file that root has just made to the account that has this folder, which has to read and replace it.
#[cfg(unix)]
pub fn share(file: &std::fs::File, folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::MetadataExt as _;
    if !is_root() {
        return Ok(());
    }
    let owner = std::fs::metadata(folder)?;
    if is_ours(&owner) {
        return Ok(());
    }
    std::os::unix::fs::fchown(file, Some(owner.uid()), Some(owner.gid()))
}

#[cfg(not(unix))]
pub fn share(_: &std::fs::File, _: &Path) -> io::Result<()> {
    Ok(())
}

/// Gives a folder that root has just made, with everything in it, to the account that has another one.
///
/// By open files, and the folder itself last: that account may change what is beside it, and is kept out until then.
#[cfg(unix)]
pub fn share_all(made: &Path, folder: &Path) -> io::Result<()> {
    use rustix::fs::{Dir, Mode, OFlags, open, openat};
    const FLAGS: OFlags = OFlags::RDONLY.union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);
    fn below(of: &std::fs::File, folder: &Path) -> io::Result<()> {
        for entry in Dir::read_from(of)? {
            let entry = entry?;
            if [c".", c".."].contains(&entry.file_name()) {
                continue;
            }
            let file = std::fs::File::from(openat(of, entry.file_name(), FLAGS, Mode::empty())?);
            if file.metadata()?.is_dir() {
                below(&file, folder)?;
            }
            share(&file, folder)?;
        }
        Ok(())
    }
    let of = std::fs::File::from(open(made, FLAGS | OFlags::DIRECTORY, Mode::empty())?);
    if !is_ours(&of.metadata()?) {
        return Err(io::ErrorKind::PermissionDenied.into());
    }
    below(&of, folder)?;
    share(&of, folder)
}

#[cfg(not(unix))]
pub fn share_all(_: &Path, _: &Path) -> io::Result<()> {
    Ok(())
}

/// What others can read or change in a state folder, with its mode, the folder itself first.
pub fn open_to_others(folder: &Path) -> Result<Vec<(PathBuf, u32)>, Problem> {
    let open = all_open(folder)?.into_iter().filter(|open| open.is_in_reach);
    Ok(open.map(|open| (open.path, open.mode)).collect())
}

/// Something that gives others rights.
struct Open {
    path: PathBuf,
    mode: u32,
    /// No folder above it keeps others out.
    is_in_reach: bool,
}

fn all_open(folder: &Path) -> Result<Vec<Open>, Problem> {
    let mut open = Vec::new();
    look_through(folder, 0, true, &mut open).map_err(|(path, error)| {
        let hint = match path == folder {
            true => "Run the desk as the account that owns it.".to_owned(),
            // Someone else ran the desk in it once, most likely root.
            false => format!(
                "Give everything in {} to the desk's account with `chown -R`, and run the desk as that account only.",
                folder.display()
            ),
        };
        Problem::operator("state_folder", format!("{} can't be read ({error}).", path.display())).hint(hint)
    })?;
    // Files get this from no one's umask, and a folder with the sticky bit is like /tmp.
    match open.iter().find(|open| open.mode & 0o1002 != 0) {
        Some(Open { path, .. }) => Err(Problem::operator(
            "not_private",
            format!("Everyone on this host can change {}.", path.display()),
        )
        .hint(
            "Choose a folder that belongs to the desk. Or check its contents, and run `chmod -R go=` on it.",
        )),
        None => Ok(open),
    }
}

/// An error is that of the entry that is named.
fn look_through(
    path: &Path,
    depth: u32,
    is_in_reach: bool,
    open: &mut Vec<Open>,
) -> Result<(), (PathBuf, io::Error)> {
    let of_path = |error: io::Error| (path.to_owned(), error);
    let metadata = match std::fs::symlink_metadata(path) {
        Ok(metadata) => metadata,
        // It went while it was looked for: sled removes files of its own.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(of_path(error)),
    };
    if !metadata.is_dir() && !metadata.is_file() {
        return Ok(());
    }
    let mode = mode(&metadata);
    if mode & OTHERS != 0 {
        open.push(Open { path: path.to_owned(), mode, is_in_reach });
    }
    if metadata.is_dir() && depth < DEPTH_MAX {
        let is_in_reach = is_in_reach && mode & 0o011 != 0;
        for entry in std::fs::read_dir(path).map_err(of_path)? {
            look_through(&entry.map_err(of_path)?.path(), depth + 1, is_in_reach, open)?;
        }
    }
    Ok(())
}

/// Who else can read a file with a secret, as far as that is wrong; `None` when it is right or there is no such file.
///
/// Anyone who owns a file needs no rights of its group. A file of someone else's is given to the desk by them, as systemd's
/// LoadCredential and a `root:desk` file are.
pub fn exposed(file: &Path) -> Option<Problem> {
    let metadata = std::fs::metadata(file).ok()?;
    let wrong = if is_ours(&metadata) { OTHERS } else { 0o007 };
    let mode = mode(&metadata);
    (mode & wrong != 0).then(|| {
        Problem::operator(
            "secret_exposed",
            format!("Other accounts can read the secret in {} (mode {mode:04o}).", file.display()),
        )
        .hint(format!(
            "Run `chmod 600 {}`, and replace the secret if someone may have seen it.",
            file.display()
        ))
    })
}

/// Why nothing of people belongs into a folder: others may write to it.
pub fn writable_by_others(folder: &Path) -> Option<Problem> {
    let mode = mode(&std::fs::metadata(folder).ok()?);
    (mode & 0o022 != 0).then(|| {
        Problem::operator(
            "folder_open",
            format!("Others can write to {} (mode {mode:04o}).", folder.display()),
        )
        .hint(format!("Run `chmod go-w {}`, or choose another folder.", folder.display()))
    })
}

/// Whether the account that has the state folder can't write to this one. What the group's rights are worth to it isn't known.
#[cfg(unix)]
pub fn is_closed_to_owner_of(state: &Path, folder: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let (Ok(desk), Ok(folder)) = (std::fs::metadata(state), std::fs::metadata(folder)) else { return false };
    let rights = if desk.uid() == folder.uid() { 0o200 } else { 0o022 };
    desk.uid() != 0 && mode(&folder) & rights == 0
}

#[cfg(not(unix))]
pub fn is_closed_to_owner_of(_: &Path, _: &Path) -> bool {
    false
}

/// Where others could change a file: it, or a folder in which they could put another file, or folder, in its place. Where it is a
/// link, the same of what it leads to.
pub fn changeable_by_others(file: &Path) -> Option<PathBuf> {
    const STICKY: u32 = 0o1000;
    // In a folder with the sticky bit, such as /tmp, everyone has only what is theirs.
    let of_folder = |folder: &Path, others: u32| {
        std::fs::metadata(folder).is_ok_and(|it| mode(&it) & others != 0 && mode(&it) & STICKY == 0)
    };
    let as_named = std::path::absolute(file).ok();
    let as_is = file.canonicalize().ok();
    as_named.into_iter().chain(as_is).find_map(|file| {
        if std::fs::metadata(&file).is_ok_and(|it| mode(&it) & 0o022 != 0) {
            return Some(file);
        }
        // Its own folder is the site's; a group of the system may own those above it.
        let mut folders = file.ancestors().skip(1);
        let own = folders.next().filter(|folder| of_folder(folder, 0o022));
        own.or_else(|| folders.find(|folder| of_folder(folder, 0o002))).map(Path::to_owned)
    })
}

/// Whether this account of the host can't read a file, or can't enter its folder. A group other than root's is taken for the account's.
#[cfg(unix)]
pub fn is_kept_from(file: &Path, account: &str) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let accounts = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let id = accounts.lines().find_map(|line| {
        let mut parts = line.split(':');
        (parts.next() == Some(account)).then(|| parts.nth(1)?.parse::<u32>().ok()).flatten()
    });
    // The bits of the owner, the group and others.
    let lets = |path: &Path, [owner, group, others]: [u32; 3]| {
        std::fs::metadata(path).is_ok_and(|it| match Some(it.uid()) == id {
            true => mode(&it) & owner != 0,
            false => mode(&it) & others != 0 || it.gid() != 0 && mode(&it) & group != 0,
        })
    };
    let folder = file.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."));
    !(lets(file, [0o400, 0o040, 0o004]) && lets(folder, [0o100, 0o010, 0o001]))
}

#[cfg(not(unix))]
pub fn is_kept_from(_: &Path, _: &str) -> bool {
    false
}

/// Reads a file that holds one secret.
///
/// Where systemd has handed over a credential of the same name, that is read in its place.
pub fn secret(file: &Path) -> Result<io::Result<SecretString>, Problem> {
    let handed = std::env::var_os("CREDENTIALS_DIRECTORY")
        .and_then(|folder| Some(Path::new(&folder).join(file.file_name()?)))
        .filter(|handed| handed.is_file());
    let file = handed.as_deref().unwrap_or(file);
    match exposed(file) {
        Some(problem) => Err(problem),
        None => Ok(std::fs::read_to_string(file).map(SecretString::from)),
    }
}

#[cfg(unix)]
fn mode(metadata: &std::fs::Metadata) -> u32 {
    std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o7777
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) -> io::Result<()> {
    std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(mode))
}

#[cfg(unix)]
fn is_ours(metadata: &std::fs::Metadata) -> bool {
    std::os::unix::fs::MetadataExt::uid(metadata) == rustix::process::geteuid().as_raw()
}

#[cfg(unix)]
fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

#[cfg(not(unix))]
fn is_root() -> bool {
    false
}

/// Other systems have other rights, which these bits don't say.
#[cfg(not(unix))]
fn mode(_: &std::fs::Metadata) -> u32 {
    0
}

#[cfg(not(unix))]
fn set_mode(_: &Path, _: u32) -> io::Result<()> {
    Ok(())
}

#[cfg(not(unix))]
fn is_ours(_: &std::fs::Metadata) -> bool {
    true
}
