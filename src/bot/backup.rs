//! Backup of a state folder while a desk runs in it, and restoring one.
//!
//! A backup is a tar file (POSIX ustar, with GNU tar's form of sizes from 8 GiB on), so that it can be looked into without the desk:
//! the lines of the log up to the last one that anyone was told of, its public key and heads, authenticators and kept files as they lie
//! sealed, the keys where they are wanted, and at the end `MANIFEST.json` with what is in it. Without a manifest it is not whole. The
//! index is built again from the log. Temporary passwords are not in it: they last for hours, and a copy of them would outlive that.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use desk_core::basics::problem::Problem;
use desk_core::basics::text::{count, hex};
use desk_core::log::VERSION as LINES_VERSION;
use desk_core::log::checkpoint::{Checkpoint, Verifier};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::folder::{Folder, NotOpened, Writes, code_of, shown};
use crate::log::{copy, opened, verify_folder};
use crate::version;

/// The version of the form of backups.
const VERSION: u32 = 1;

const MANIFEST: &str = "MANIFEST.json";

/// When this folder was last backed up.
const LAST: &str = "last-backup";

/// The key that secrets are sealed with, which is not the log's.
const SEAL_KEY: &str = "seal.key";

/// Folders of sealed files, each of which appears whole or not at all.
const FOLDERS: [&str; 2] = ["factors", "files"];

/// What is in a backup.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Manifest {
    version: u32,
    /// The version of the desk that made it, and that of the form of the log's lines.
    desk: String,
    lines_version: u8,
    at: Timestamp,
    /// The name of the log, how many lines it has, and its root.
    log: String,
    lines: u64,
    root: String,
    keys: bool,
    /// The SHA-256 of each file, in hexadecimal.
    files: BTreeMap<String, String>,
}

/// When the folder was last backed up; none where it never was.
pub(crate) fn last(state: &Path) -> Option<Timestamp> {
    std::fs::read_to_string(state.join(LAST)).ok()?.trim().parse().ok()
}

/// Backs the folder up into a file, which appears whole or not at all. Gives what was written, as a sentence.
pub fn backup(state: &Path, to: &Path, with_keys: bool, now: Timestamp) -> Result<String, Problem> {
    let folder = Folder::read_only(state);
    let snapshot = copy::snapshot(&folder)?;
    if to.exists() {
        return Err(Problem::requester("backup_exists", format!("{} already exists.", shown(to)))
            .hint("Choose another name. Backups are never overwritten."));
    }
    let mut name = to.as_os_str().to_owned();
    name.push(".new");
    let new = PathBuf::from(name);
    let failed = |error: io::Error| {
        let hint = match code_of(&error) {
            "store_disk_full" => "Free some space, or back up to another disk. The partial file was deleted.",
            _ => "Check the path and its permissions. The partial file was deleted.",
        };
        Problem::operator("backup_failed", format!("The backup {} can't be written ({error}).", shown(to)))
            .hint(hint)
    };
    let file = begun(&new).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => {
            Problem::requester("backup_exists", format!("{} already exists.", shown(&new))).hint(
                "Wait if another backup is being written. Otherwise look at it, or choose another name.",
            )
        }
        _ => failed(error),
    })?;
    let written: Result<(), Problem> = (|| {
        let out = tar::Builder::new(BufWriter::new(&file));
        let mut tar = Tar { out, at: now, sums: BTreeMap::new() };
        // The desk may be adding lines meanwhile.
        let lines = File::open(&snapshot.log).map_err(failed)?;
        tar.add(copy::LINES, snapshot.bytes, lines).map_err(failed)?;
        for (name, bytes) in &snapshot.beside {
            tar.add(name, bytes.len() as u64, bytes.as_slice()).map_err(failed)?;
        }
        if with_keys {
            for name in [copy::KEY, SEAL_KEY] {
                // Sealed as a key is: with its checksum, which its reader asks for.
                if let Some(bytes) = folder.read(name)? {
                    tar.add(name, bytes.len() as u64, bytes.as_slice()).map_err(failed)?;
                }
            }
        }
        for of in FOLDERS {
            for name in names(&folder.file(of)).map_err(failed)? {
                // One that has expired meanwhile is gone.
                let Some(bytes) = folder.read(&format!("{of}/{name}"))? else { continue };
                tar.add(&format!("{of}/{name}"), bytes.len() as u64, bytes.as_slice()).map_err(failed)?;
            }
        }
        let manifest = Manifest {
            version: VERSION,
            desk: version::NUMBER.to_owned(),
            lines_version: LINES_VERSION,
            at: now,
            log: snapshot.verifier.name.clone(),
            lines: snapshot.checkpoint.size,
            root: hex(&snapshot.checkpoint.root),
            keys: with_keys,
            files: std::mem::take(&mut tar.sums),
        };
        let text = serde_json::to_vec_pretty(&manifest).unwrap_or_default();
        tar.add(MANIFEST, text.len() as u64, text.as_slice()).map_err(failed)?;
        tar.out.into_inner().and_then(|mut out| out.flush()).map_err(failed)?;
        file.sync_all().map_err(failed)?;
        std::fs::rename(&new, to).map_err(failed)?;
        let above = to.parent().filter(|above| !above.as_os_str().is_empty()).unwrap_or(Path::new("."));
        Writes::default().sync_folder(above).map_err(failed)?;
        Ok(())
    })();
    if written.is_err() {
        let _ = std::fs::remove_file(&new);
    }
    written?;
    // That it was made is known even where it can't be noted: the file is there.
    if let Err(problem) = folder.replace(LAST, format!("{now}\n").as_bytes()) {
        tracing::warn!(code = problem.code, "the time of the last backup can't be saved: {problem}");
    }
    let keys = match with_keys {
        true => "with the keys: anyone who has this file can sign log lines and read encrypted data",
        false => "without the keys; a restore needs them from another copy",
    };
    let lines = usize::try_from(snapshot.checkpoint.size).unwrap_or(usize::MAX);
    Ok(format!("{}: {} of the log {}, {keys}.", to.display(), count(lines, "line"), snapshot.verifier.name))
}

/// Makes the file that a backup is written to, and holds it. One that a backup left which was cut short is replaced.
fn begun(new: &Path) -> io::Result<File> {
    let create = || Writes::default().create_new(&new.display().to_string(), new);
    let file = match create() {
        Err(error)
            if error.kind() == io::ErrorKind::AlreadyExists
                && std::fs::symlink_metadata(new)?.is_file()
                && File::open(new)?.try_lock().is_ok() =>
        {
            std::fs::remove_file(new)?;
            create()
        }
        created => created,
    }?;
    file.try_lock().map_err(|_| io::Error::from(io::ErrorKind::AlreadyExists))?;
    Ok(file)
}

/// How a backup is restored.
#[derive(Clone, Debug, Default)]
pub struct Restore {
    pub from: PathBuf,
    /// The folder, which is put aside if there is one.
    pub state: PathBuf,
    /// A folder with the keys, for a backup without them; those of the folder that is put aside if left out.
    pub keys: Option<PathBuf>,
    /// Texts of checkpoints that were kept elsewhere.
    pub checkpoints: Vec<String>,
    /// Also when lines are lost that a checkpoint or the folder knows.
    pub behind: bool,
}

/// The restore can't do this.
fn failed(doing: &str, error: &io::Error) -> Problem {
    Problem::operator("restore_failed", format!("The restore can't {doing} ({error})."))
        .hint("Check the free space and permissions. The state folder is unchanged.")
}

/// Restores a backup. The folder is the old one or the whole restored one, whatever happens.
pub fn restore(wanted: &Restore, out: &mut dyn Write) -> Result<(), Problem> {
    let state = &wanted.state;
    if is_mounted(state) {
        return Err(mounted(state));
    }
    let refused = |(NotOpened::Held(problem) | NotOpened::Unusable(problem))| problem;
    // Held until the end, so that no desk begins meanwhile. Until the backup has turned out to be whole, nothing in it is changed.
    let mut old = state.exists().then(|| Folder::hold(state)).transpose().map_err(refused)?;
    let fresh = beside(state, "restoring")?;
    // Or the first of the folders above it that aren't there yet.
    let is_new = |path: &&Path| !path.as_os_str().is_empty() && !path.exists();
    let made = fresh.ancestors().take_while(is_new).last().unwrap_or(&fresh);
    let undone = |problem| {
        let _ = std::fs::remove_dir_all(made);
        problem
    };
    crate::private::create(&fresh).map_err(|error| undone(failed("make a folder", &error)))?;
    let manifest = unpack(wanted, &fresh, old.as_ref(), out).map_err(undone)?;
    if let Some(old) = &mut old {
        // The desk runs as the account that has the old folder.
        crate::private::share_all(&fresh, state)
            .map_err(|error| undone(failed("give the folder to the desk's account", &error)))?;
        old.keep().map_err(|problem| undone(refused(problem)))?;
    }
    let moved = put_in_place(state, &fresh, old.is_some()).map_err(undone)?;
    if let Some(aside) = moved {
        let _ = writeln!(out, "The previous folder is now {}.", aside.display());
    }
    let lines = usize::try_from(manifest.lines).unwrap_or(usize::MAX);
    let _ = writeln!(
        out,
        "{}: {} of the log {}, as of {}. {} it rebuilds its index.",
        state.display(),
        count(lines, "line"),
        manifest.log,
        manifest.at,
        match old {
            Some(_) => "Start the desk;",
            None => "Make the desk's account the owner of the folder, then start the desk;",
        }
    );
    Ok(())
}

/// Puts the restored folder in the place of the old one, if there is one. Gives where that is now.
///
/// The two change places, so that there is a folder at any moment. Where the file system can't do that, the old one goes first, and the
/// restored one waits beside it for a moment.
fn put_in_place(state: &Path, fresh: &Path, is_there: bool) -> Result<Option<PathBuf>, Problem> {
    let aside = is_there.then(|| beside(state, "before-restore")).transpose()?;
    if let Some(aside) = &aside
        && exchange(fresh, state)
    {
        let moved = std::fs::rename(fresh, aside);
        return Ok(Some(moved.map_or(fresh, |()| aside).to_owned()));
    }
    if let Some(aside) = &aside {
        std::fs::rename(state, aside).map_err(|error| match error.kind() {
            io::ErrorKind::ResourceBusy | io::ErrorKind::CrossesDevices => mounted(state),
            _ => failed("move the old folder", &error),
        })?;
    }
    std::fs::rename(fresh, state).map_err(|error| {
        let problem = failed("move the restored folder into place", &error);
        match &aside {
            Some(aside) if std::fs::rename(aside, state).is_err() => {
                problem.hint(format!("The old folder is now {}. Move it back.", aside.display()))
            }
            _ => problem,
        }
    })?;
    Ok(aside)
}

/// Lets two folders change places in one step; gives whether it did.
#[cfg(target_os = "linux")]
fn exchange(one: &Path, other: &Path) -> bool {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE).is_ok()
}

#[cfg(not(target_os = "linux"))]
fn exchange(_: &Path, _: &Path) -> bool {
    false
}

/// No other folder can take the place of a mount point, and file by file it would be half restored for a while.
fn mounted(state: &Path) -> Problem {
    let below = state.join("desk");
    // The configuration takes no other.
    let below = std::path::absolute(&below).unwrap_or(below);
    Problem::operator(
        "restore_mounted",
        format!("{} is a mount point, so the restore can't replace it.", shown(state)),
    )
    .hint(format!(
        "Restore to a folder below it, such as `--state {0}`, and set `folder = \"{0}\"` under [state] in the configuration.",
        below.display()
    ))
}

/// Whether another file system begins at this folder. What is mounted from the same one is known only when it can't be moved.
#[cfg(unix)]
pub(crate) fn is_mounted(state: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let device = |path: &Path| std::fs::metadata(path).map(|metadata| metadata.dev()).ok();
    let state = std::fs::canonicalize(state).unwrap_or_else(|_| state.to_owned());
    let (own, above) = (device(&state), state.parent().and_then(device));
    own.is_some() && above.is_some() && own != above
}

#[cfg(not(unix))]
pub(crate) fn is_mounted(_: &Path) -> bool {
    false
}

/// A folder beside this one that is not there yet.
fn beside(state: &Path, word: &str) -> Result<PathBuf, Problem> {
    let name = state.file_name().ok_or_else(|| {
        Problem::requester("restore_folder", format!("You can't restore to {}.", shown(state)))
            .hint("Use the state folder from the configuration.")
    })?;
    let numbered = (1_u32..).map(|number| {
        let mut name = name.to_owned();
        name.push(format!(".{word}-{number}"));
        state.with_file_name(name)
    });
    numbered.into_iter().find(|path| !path.exists()).ok_or_else(|| {
        Problem::operator("restore_folder", "There are too many old folders next to the state folder.")
            .hint("Remove some of them.")
    })
}

fn unpack(
    wanted: &Restore,
    fresh: &Path,
    old: Option<&Folder>,
    out: &mut dyn Write,
) -> Result<Manifest, Problem> {
    let from = shown(&wanted.from);
    let not_whole = |why: &str| {
        Problem::operator("backup_not_whole", format!("{from} isn't a complete backup: {why}."))
            .hint("Use another copy of it, or an older backup.")
    };
    let failed = |error: io::Error| match error.kind() {
        // The last is the reader's own, of a header that is damaged or of an end that is missing.
        io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof | io::ErrorKind::Other => {
            not_whole(&error.to_string())
        }
        _ => Problem::operator("restore_failed", format!("{from} can't be restored ({error})."))
            .hint("Check the free space and permissions. The state folder is unchanged."),
    };
    let file = File::open(&wanted.from).map_err(|error| {
        Problem::requester("restore_failed", format!("The backup {from} can't be read ({error})."))
            .hint("Check its path and permissions.")
    })?;
    let (manifest, sums) = files(file, fresh).map_err(failed)?;
    let manifest = manifest.ok_or_else(|| not_whole("its manifest is missing"))?;
    if manifest["version"].as_u64().is_some_and(|version| version > u64::from(VERSION)) {
        return Err(Problem::operator("backup_newer", format!("{from} was made by a newer connect-desk."))
            .hint("Restore it with the version named in its manifest."));
    }
    let manifest: Manifest =
        serde_json::from_value(manifest).map_err(|_| not_whole("its manifest can't be read"))?;
    if manifest.files != sums {
        return Err(not_whole("a file in it was changed"));
    }
    let folder = Folder::read_only(fresh);
    let verifier = copy::public(&folder)?.ok_or_else(|| not_whole("the log's public key is missing"))?;
    keys(wanted, &manifest, fresh, old, &verifier, out)?;
    let mut known: Vec<(String, Checkpoint)> = Vec::new();
    for checkpoint in opened(&wanted.checkpoints, &verifier)? {
        known.push(("A checkpoint from elsewhere".to_owned(), checkpoint));
    }
    // Of the old folder, where it has the same log.
    let mut told = Vec::new();
    if let Some(old) = old
        && let Some(of) = copy::public(old)?
    {
        if of == verifier {
            told = copy::told(old, &verifier)?;
            let whose = format!("The log in {}", shown(old.path()));
            known.extend(opened(&told, &verifier)?.into_iter().map(|told| (whose.clone(), told)));
        } else if !wanted.behind {
            return Err(Problem::operator(
                "restore_other_log",
                format!("The folder {} has a different log, named {}.", shown(old.path()), of.name),
            )
            .hint("Restore to another folder, or add `--behind` to move that log aside."));
        }
    }
    let ahead = known.iter().filter(|(_, checkpoint)| checkpoint.size > manifest.lines);
    if let Some((whose, checkpoint)) = ahead.max_by_key(|(_, checkpoint)| checkpoint.size)
        && !wanted.behind
    {
        let lost = usize::try_from(checkpoint.size - manifest.lines).unwrap_or(usize::MAX);
        return Err(Problem::operator(
            "restore_behind",
            format!("{whose} has {} more than this backup.", count(lost, "line")),
        )
        .hint("Restore a newer backup. Add `--behind` only if those lines can't be recovered: their approvals and steps are lost."));
    }
    // A checkpoint that is ahead on purpose would be a finding.
    let within: Vec<String> = wanted
        .checkpoints
        .iter()
        .zip(opened(&wanted.checkpoints, &verifier)?)
        .filter(|(_, checkpoint)| checkpoint.size <= manifest.lines)
        .map(|(text, _)| text.clone())
        .collect();
    let mut report = Vec::new();
    if !verify_folder(fresh, &within, None, &mut report)? {
        let _ = out.write_all(&report);
        return Err(not_whole("its log was changed"));
    }
    // As many lines may be other lines: those of a copy of the folder that went its own way.
    if let Some(old) = old.filter(|_| !wanted.behind && !told.is_empty())
        && !verify_folder(fresh, &told, None, &mut report)?
    {
        return Err(Problem::operator(
            "restore_other_lines",
            format!("The log in {} has lines that this backup doesn't have.", shown(old.path())),
        )
        .hint("Restore a backup of that folder. Add `--behind` only if those lines can't be recovered: their approvals and steps are lost."));
    }
    Ok(manifest)
}

/// Puts the keys there, where the backup has none.
fn keys(
    wanted: &Restore,
    manifest: &Manifest,
    fresh: &Path,
    old: Option<&Folder>,
    verifier: &Verifier,
    out: &mut dyn Write,
) -> Result<(), Problem> {
    if manifest.keys {
        return Ok(());
    }
    let given = wanted.keys.as_deref().map(Folder::read_only);
    if let Some(given) = &given
        && !copy::has_key_of(given, verifier)?
    {
        return Err(Problem::requester(
            "restore_other_keys",
            format!("The keys in {} are those of a different log.", shown(given.path())),
        )
        .hint(format!("The backup is of the log {}. Give the folder with its keys.", verifier.name)));
    }
    let from = match (&given, old) {
        (Some(given), _) => Some(given),
        (None, Some(old)) if copy::public(old)?.is_some_and(|of| of == *verifier) => Some(old),
        _ => None,
    };
    let into = Folder::read_only(fresh);
    let mut found = 0;
    for name in [copy::KEY, SEAL_KEY] {
        if let Some(bytes) = from.map(|from| from.read(name)).transpose()?.flatten() {
            into.replace(name, &bytes)?;
            found += 1;
        }
    }
    if found < 2 {
        let _ = writeln!(
            out,
            "The keys are not in this backup. Copy `{}` and `{SEAL_KEY}` into {} before you start the desk; without them it can't write.",
            copy::KEY,
            wanted.state.display()
        );
    }
    Ok(())
}

/// The path of a file in a backup, which has to be one that a backup holds.
fn place(folder: &Path, name: &str) -> io::Result<PathBuf> {
    let known =
        [copy::LINES, copy::PUBLIC, copy::KEY, SEAL_KEY].contains(&name) || copy::HEADS.contains(&name);
    let sealed = FOLDERS.iter().any(|of| {
        let file = name.strip_prefix(of).and_then(|rest| rest.strip_prefix('/'));
        file.is_some_and(|file| !file.is_empty() && !file.starts_with('.') && !file.contains('/'))
    });
    if known || sealed { Ok(folder.join(name)) } else { Err(invalid(&format!("it has a file {name:?}"))) }
}

fn names(folder: &Path) -> io::Result<Vec<String>> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry?;
        // One that is being written is not there yet.
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.file_type()?.is_file() && !name.starts_with('.') && !name.ends_with(".new") {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

/// A tar file that is being written.
struct Tar<W: Write> {
    out: tar::Builder<W>,
    at: Timestamp,
    sums: BTreeMap<String, String>,
}

impl<W: Write> Tar<W> {
    /// Adds a file of exactly so many bytes.
    fn add(&mut self, name: &str, length: u64, content: impl Read) -> io::Result<()> {
        let mut header = tar::Header::new_ustar();
        header
            .set_path(name)
            .map_err(|_| io::Error::other(format!("the name {name} is too long for a backup")))?;
        header.set_entry_type(tar::EntryType::Regular);
        header.set_mode(0o600);
        header.set_uid(0);
        header.set_gid(0);
        header.set_mtime(u64::try_from(self.at.as_second()).unwrap_or_default());
        header.set_size(length);
        header.set_cksum();
        let mut content = Summed::of(content.take(length));
        self.out.append(&header, &mut content)?;
        if content.length != length {
            return Err(io::Error::new(
                io::ErrorKind::UnexpectedEof,
                format!("{name} got shorter during the backup"),
            ));
        }
        self.sums.insert(name.to_owned(), content.sum());
        Ok(())
    }
}

/// Reads, and sums up what it read.
struct Summed<R: Read> {
    from: R,
    length: u64,
    sum: Sha256,
}

impl<R: Read> Summed<R> {
    fn of(from: R) -> Summed<R> {
        Summed { from, length: 0, sum: Sha256::new() }
    }

    fn sum(self) -> String {
        hex(&self.sum.finalize())
    }
}

impl<R: Read> Read for Summed<R> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let read = self.from.read(bytes)?;
        self.sum.update(bytes.get(..read).unwrap_or_default());
        self.length += read as u64;
        Ok(read)
    }
}

/// What a backup holds: its manifest, and the SHA-256 of each other file.
type Unpacked = (Option<serde_json::Value>, BTreeMap<String, String>);

/// Puts the files of a backup into a folder.
fn files(from: File, into: &Path) -> io::Result<Unpacked> {
    let mut archive = tar::Archive::new(BufReader::new(from));
    let (mut manifest, mut sums) = (None, BTreeMap::new());
    // Entry by entry as they are: no backup has one that says something of the next one.
    for entry in archive.entries()?.raw(true) {
        let entry = entry?;
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        if !entry.header().entry_type().is_file() || sums.contains_key(&name) {
            return Err(invalid(&format!("it has {name:?} twice, or not as a file")));
        }
        if name == MANIFEST {
            manifest = Some(serde_json::from_reader(entry.take(16 << 20))?);
            continue;
        }
        let path = place(into, &name)?;
        if let Some(above) = path.parent() {
            crate::private::create(above)?;
        }
        let mut file = Writes::default().create_new(&name, &path)?;
        let mut content = Summed::of(entry);
        io::copy(&mut content, &mut file)?;
        file.sync_all()?;
        sums.insert(name, content.sum());
    }
    Ok((manifest, sums))
}

fn invalid(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why.to_owned())
}
