//! Reading a folder that no desk has open, for the command line: printing lines, and verifying all of them.

use std::io::Write;
use std::path::{Path, PathBuf};

use desk_core::ids::RequestNo;
use desk_core::log::checkpoint::{Checkpoint, Verifier};
use desk_core::log::{Event, Line};
use desk_core::ports::Query;
use desk_core::problem::Problem;
use desk_core::request::Request;
use desk_core::text::{list, moment, plain};
use jiff::{SignedDuration, Timestamp};

use super::archive::Archive;
use super::disk::Hook;
use super::files::{Folder, NotOpened, shown, trouble};
use super::{keys, verify};

/// Which lines to print, and how.
#[derive(Clone, Debug, Default)]
pub struct ShowFilter {
    pub request: Option<RequestNo>,
    pub login: Option<String>,
    /// The newest so many; all when none.
    pub limit: Option<usize>,
    /// One line of JSON for each, exactly the bytes that were hashed.
    pub json: bool,
}

/// Prints the lines that fit, oldest first.
pub fn show(dir: &Path, filter: &ShowFilter, out: &mut dyn Write) -> Result<(), Problem> {
    let archive = open(dir, None)?;
    let limit = filter.limit.unwrap_or(usize::MAX);
    let mut print = |line: &Line| -> Result<(), Problem> {
        let written = match filter.json {
            true => out.write_all(&line.encode()).and_then(|()| out.write_all(b"\n")),
            false => writeln!(out, "{}", readable(line)),
        };
        written.map_err(|error| trouble("print the log", &error))
    };
    let lines = match (filter.request, &filter.login) {
        (Some(no), login) => {
            let mut lines = archive.request(no)?;
            lines.retain(|line| {
                login
                    .as_ref()
                    .is_none_or(|login| line.about.iter().any(|about| about.eq_ignore_ascii_case(login)))
            });
            lines
        }
        (None, Some(login)) => {
            let query = Query { login: Some(login.clone()), person: None, since: None, limit };
            let mut lines = archive.history(&query)?;
            lines.reverse();
            lines
        }
        (None, None) => {
            let size = archive.size();
            let first = size.saturating_sub(u64::try_from(limit).unwrap_or(u64::MAX));
            return (first..size).try_for_each(|number| print(&archive.line(number)?));
        }
    };
    let skipped = lines.len().saturating_sub(limit);
    lines.iter().skip(skipped).try_for_each(print)
}

/// Verifies a folder, also against checkpoints that were kept elsewhere, and writes what it finds.
///
/// `key` is the verifier key to believe, `name+hash+key`; without one it is the folder's own. Gives whether all is well.
/// No line is changed; what sled and the store do to a folder when they open it is told in `docs/log.md`.
pub fn verify_folder(
    dir: &Path,
    checkpoints: &[String],
    key: Option<&str>,
    out: &mut dyn Write,
) -> Result<bool, Problem> {
    let archive = open(dir, key)?;
    let kept = opened(checkpoints, &archive.verifier)?;
    let report = verify::whole(&archive, true, &kept);
    write!(out, "{report}").map_err(|error| trouble("print its report", &error))?;
    Ok(report.is_sound())
}

/// Checkpoints out of their texts; one that cannot be believed is an error, since it would otherwise count for nothing unseen.
pub(super) fn opened(notes: &[String], verifier: &Verifier) -> Result<Vec<Checkpoint>, Problem> {
    notes
        .iter()
        .map(|note| {
            Checkpoint::open(&format!("{}\n", note.trim_end()), verifier).map_err(|error| {
                Problem::asker(
                    "checkpoint_unbelievable",
                    format!("The checkpoint {} cannot be used: {error}.", desk_core::text::code(note)),
                )
                .next("Give the whole text as it was posted, from the log's name to the signature.")
            })
        })
        .collect()
}

/// The desk's own folder, also when the folder of a practice desk is given, which holds its world beside it.
pub fn desk_folder(state: PathBuf) -> PathBuf {
    let inside = state.join("desk");
    if inside.is_dir() { inside } else { state }
}

/// What was asked lately.
#[derive(Clone, Debug, Default)]
pub struct Lately {
    /// The moments of the first and last line that were looked at.
    pub from: Option<Timestamp>,
    pub to: Option<Timestamp>,
    /// The requests asked in this time, oldest first.
    pub requests: Vec<RequestNo>,
    /// Refusals that belong to no request.
    pub refusals: Vec<Line>,
}

/// Reads what was asked in so long a time before the newest line, and gives each request to `each`, oldest first.
pub fn lately(dir: &Path, span: SignedDuration, mut each: impl FnMut(Request)) -> Result<Lately, Problem> {
    let archive = open(dir, None)?;
    let mut lately = Lately::default();
    for number in (0..archive.size()).rev() {
        let line = archive.line(number)?;
        let to = *lately.to.get_or_insert(line.at);
        if to.duration_since(line.at) > span {
            break;
        }
        lately.from = Some(line.at);
        match (&line.event, line.request) {
            (Event::Asked { .. }, Some(no)) => lately.requests.push(no),
            (Event::Refused { .. }, None) => lately.refusals.push(line),
            _ => {}
        }
    }
    lately.requests.reverse();
    lately.refusals.reverse();
    for no in &lately.requests {
        let request = Request::fold(*no, &archive.request(*no)?).map_err(|illegal| {
            Problem::log("log_order", format!("The log contradicts itself: {illegal}."))
                .next("Run `connect-desk log verify`.")
        })?;
        each(request);
    }
    Ok(lately)
}

fn open(dir: &Path, key: Option<&str>) -> Result<Archive, Problem> {
    if !dir.join("db").is_dir() {
        return Err(Problem::asker("store_none", format!("There is no log in {}.", shown(dir)))
            .next("Name the folder of the desk's store, `store` in `config.toml`."));
    }
    let folder = match Folder::open(dir) {
        Ok(folder) => folder,
        Err(NotOpened::Held(problem) | NotOpened::Unusable(problem)) => return Err(problem),
    };
    let verifier = match key {
        Some(key) => Verifier::parse(key).map_err(|error| {
            Problem::asker("key_form", format!("This is not the log's public key: {error}."))
                .next("Give the text of the file `log.pub` as the desk posted it.")
        })?,
        None => keys::public(&folder)?.ok_or_else(|| {
            Problem::asker("key_missing", format!("There is no key {}.", shown(&folder.file("log.pub"))))
                .next("Give the log's public key, as the desk posted it.")
        })?,
    };
    Ok(Archive::open(folder, verifier, Hook::default())?.0)
}

/// `42  20 Nov 2026 03:14 UTC  #7  approved by Maria (discord:80351110224678912), about john.doe`
fn readable(line: &Line) -> String {
    let mut out = format!("{:>6}  {}  ", line.line, moment(line.at));
    if let Some(no) = line.request {
        out.push_str(&format!("{no}  "));
    }
    out.push_str(line.event.word());
    out.push_str(&detail(&line.event));
    if let Some(by) = &line.by {
        out.push_str(&format!(" by {} ({})", plain(&by.name, 60), by.id));
    }
    if !line.about.is_empty() {
        let shown: Vec<String> = line.about.iter().take(3).map(|login| plain(login, 60)).collect();
        out.push_str(&format!(", about {}", list(&shown, "and")));
        if line.about.len() > shown.len() {
            out.push_str(&format!(" and {} more", line.about.len() - shown.len()));
        }
    }
    out
}

/// The one thing about an event that a reader looks for first.
fn detail(event: &Event) -> String {
    match event {
        Event::Opened { policy, .. } => format!(" policy {policy}"),
        Event::PolicyChanged(change) => {
            let before = change.before.as_deref().unwrap_or("none");
            let differs: String =
                change.difference.iter().map(|says| format!("\n          {}", plain(says, 500))).collect();
            format!(" {before} to {}, started by {}{differs}", change.after, change.started_by)
        }
        Event::Asked { command, .. } | Event::Looked { command, .. } => format!(" `/{command}`"),
        Event::Refused { command, problem, .. } => format!(" `/{command}`: {}", plain(&problem.says, 200)),
        Event::Planned { plan, digest, .. } => format!(" {} ({digest})", plain(&plan.what, 200)),
        Event::Denied { reason, .. } => format!(": {}", plain(reason, 200)),
        Event::Started { step, direction } => format!(" step {} {}", step + 1, way(*direction)),
        Event::Done { step, .. } | Event::Undone { step } => format!(" step {}", step + 1),
        Event::Failed { step, problem, .. } | Event::Stuck { step, problem, .. } => {
            format!(" at step {}: {}", step + 1, plain(&problem.says, 200))
        }
        Event::Shown { channel, message } => format!(" in channel {channel} as message {message}"),
        Event::Called { what } => format!(" about {what}"),
        Event::Finished { outcome } => format!(" {outcome:?}").to_lowercase(),
        _ => String::new(),
    }
}

fn way(direction: desk_core::log::Direction) -> &'static str {
    match direction {
        desk_core::log::Direction::Forward => "forward",
        desk_core::log::Direction::Back => "back",
    }
}
