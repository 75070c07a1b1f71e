//! Printing lines for people and programs, and reading what was asked lately. Both read a folder that may not be written and that a
//! running desk may have.

use std::collections::{BTreeMap, VecDeque};
use std::io::Write;
use std::path::{Path, PathBuf};

use desk_core::basics::ids::RequestNo;
use desk_core::basics::problem::Problem;
use desk_core::basics::text::{code, count, list, moment, plain, quoted};
use desk_core::log::{Event, Header, Line};
use desk_core::request::Request;
use jiff::{SignedDuration, Timestamp};

use super::batch::Batch;
use super::file;
use super::finding::verify_command;
use super::keys;
use super::parts::{Part, Parts, Told, torn};
use super::reader::Reader;
use super::verify::{open_reader, printing};
use crate::folder::{Folder, trouble};

/// Which lines to print, and how.
#[derive(Clone, Debug, Default)]
pub struct ShowFilter {
    pub request: Option<RequestNo>,
    pub login: Option<String>,
    /// The newest so many; all if none.
    pub limit: Option<usize>,
    /// The bytes that are in the file, which are those that were sealed.
    pub json: bool,
}

/// What is printed for one line.
enum Shown {
    Line(Vec<u8>),
    /// A sentence about lines that can't be given.
    Damage(String),
}

/// Prints the lines that match, oldest first. Lines that are damaged are named among them, in `errors` if the lines are for a program.
/// Gives whether all could be printed.
pub fn show(
    dir: &Path,
    filter: &ShowFilter,
    out: &mut dyn Write,
    errors: &mut dyn Write,
) -> Result<bool, Problem> {
    let limit = filter.limit.unwrap_or(usize::MAX);
    let (mut held, mut lines): (VecDeque<Shown>, usize) = Default::default();
    let mut whole = true;
    let (mut all, mut matching) = (0_usize, 0_usize);
    let mut print = |shown: &Shown| -> Result<(), Problem> {
        let printed = match shown {
            Shown::Line(bytes) if filter.json => out.write_all(bytes).and_then(|()| out.write_all(b"\n")),
            Shown::Line(bytes) => match Line::read(bytes) {
                Ok(line) => writeln!(out, "{}", readable(&line)),
                Err(why) => writeln!(out, "        A line can't be read: {}.", quoted(&why, 200)),
            },
            Shown::Damage(message) if filter.json => writeln!(errors, "{message}"),
            Shown::Damage(message) => writeln!(out, "        {message}"),
        };
        printed.map_err(|error| printing(&error))
    };
    let cut_short = read(dir, &mut |line| {
        all += usize::from(line.is_ok());
        let shown = match line {
            Ok((_, bytes)) if filter.matches(bytes) => {
                matching += 1;
                Shown::Line(bytes.to_vec())
            }
            Ok(_) => return Ok(()),
            Err(message) => {
                whole = false;
                Shown::Damage(message)
            }
        };
        if filter.limit.is_none() {
            return print(&shown);
        }
        lines += usize::from(matches!(shown, Shown::Line(_)));
        held.push_back(shown);
        while lines > limit {
            lines -= usize::from(matches!(held.pop_front(), Some(Shown::Line(_))));
        }
        Ok(())
    })?;
    held.iter().try_for_each(&mut print)?;
    if cut_short > 0 {
        print(&Shown::Damage(torn(cut_short)))?;
    }
    if matching == 0 {
        writeln!(errors, "{} The log has {}.", filter.nothing(), count(all, "line"))
            .map_err(|error| printing(&error))?;
    }
    Ok(whole)
}

impl ShowFilter {
    /// That no line matches, so that a number with a typo doesn't look like an empty log.
    fn nothing(&self) -> String {
        let login = self.login.as_ref().map(|login| format!(" about {}", code(login))).unwrap_or_default();
        match self.request {
            Some(no) => format!("No lines of {no}{login}."),
            None => format!("No lines{login}."),
        }
    }

    fn matches(&self, bytes: &[u8]) -> bool {
        if self.request.is_none() && self.login.is_none() {
            return true;
        }
        let Ok(header) = Header::decode(bytes) else { return false };
        let of =
            |login: &String| header.about.iter().any(|about| about.to_lowercase() == login.to_lowercase());
        self.request.is_none_or(|no| header.request == Some(no)) && self.login.as_ref().is_none_or(of)
    }
}

/// A line with its number, or a sentence for a stretch that can't be given.
type Given<'a> = Result<(u64, &'a [u8]), String>;

/// Gives every line of a folder, and a sentence for each stretch that can't be given. Gives how many bytes at the end are of a batch
/// that a crash cut short.
fn read(dir: &Path, each: &mut dyn FnMut(Given<'_>) -> Result<(), Problem>) -> Result<usize, Problem> {
    let folder = Folder::read_only(dir);
    let verifier = keys::public(&folder).ok().flatten();
    let claims = verifier.as_ref().map(|verifier| file::claims(&folder, verifier));
    let (reader, length) = open_reader(&folder, verifier)?;
    let told = claims.map(|claims| claims.told()).unwrap_or_default();
    let (_, torn) = batches(&reader, length, told, &mut |batch| {
        let mut faults = batch.faults.iter();
        for (line, bytes) in batch.lines() {
            match bytes {
                Some(bytes) => each(Ok((line, bytes)))?,
                None => faults.next().into_iter().try_for_each(|fault| each(Err(fault.to_string())))?,
            }
        }
        faults.try_for_each(|fault| each(Err(fault.to_string())))
    })?;
    Ok(torn.len())
}

/// Gives every batch of a file, and what is after the last one if it is damaged. Gives where and what a batch is that a crash cut short;
/// nothing where there is none.
pub(super) fn batches(
    reader: &Reader,
    length: u64,
    told: Told,
    each: &mut dyn FnMut(&Batch) -> Result<(), Problem>,
) -> Result<(u64, Vec<u8>), Problem> {
    let mut parts = Parts::new(reader, 0, 0, length, told);
    loop {
        match parts.next().map_err(|error| trouble("read the approval log", &error))? {
            Part::Batch(batch) => each(&batch)?,
            Part::Torn { at, text } => return Ok((at, text)),
            Part::End => return Ok((length, Vec::new())),
        }
    }
}

/// The desk's own folder, also when the folder of a practice desk is given, which has its world beside it.
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
    let mut to: Option<Timestamp> = None;
    let at = |bytes: &[u8]| Header::decode(bytes).ok().and_then(|header| header.at.parse::<Timestamp>().ok());
    read(dir, &mut |line| {
        to = at(whole(dir, line)?).or(to);
        Ok(())
    })?;
    let since = to.and_then(|to| to.checked_sub(span).ok());
    let mut lately = Lately { to, ..Lately::default() };
    let mut lines: BTreeMap<RequestNo, Vec<Line>> = BTreeMap::new();
    read(dir, &mut |line| {
        let bytes = whole(dir, line)?;
        let late = at(bytes).is_some_and(|at| since.is_none_or(|since| at >= since));
        let asked = Header::decode(bytes).ok().and_then(|header| header.request);
        if !late && !asked.is_some_and(|no| lines.contains_key(&no)) {
            return Ok(());
        }
        let Ok(line) = Line::read(bytes) else { return Ok(()) };
        if late {
            lately.from.get_or_insert(line.at);
        }
        match line.request {
            Some(no) if matches!(line.event, Event::Requested { .. }) => {
                lately.requests.push(no);
                lines.entry(no).or_default().push(line);
            }
            Some(no) => lines.get_mut(&no).into_iter().for_each(|lines| lines.push(line.clone())),
            None if matches!(line.event, Event::Refused { .. }) => lately.refusals.push(line),
            None => {}
        }
        Ok(())
    })?;
    // A request whose lines make no sense has no plan to compare.
    lately.requests.retain(|no| match lines.remove(no).map(|lines| Request::fold(*no, &lines)) {
        Some(Ok(request)) => {
            each(request);
            true
        }
        _ => false,
    });
    Ok(lately)
}

/// The bytes of a line, where a damaged one is the end of it.
fn whole<'a>(dir: &Path, line: Given<'a>) -> Result<&'a [u8], Problem> {
    line.map(|(_, bytes)| bytes).map_err(|message| {
        Problem::log("log_altered", format!("The approval log is damaged: {message}"))
            .hint(format!("Run {}.", verify_command(dir)))
    })
}

/// `42  20 Nov 2026 03:14 UTC  #7  approved plan b1efe8: "as agreed" by "Maria Lopez" (discord:80351110224678912), about john.doe`
fn readable(line: &Line) -> String {
    let mut out = format!("{:>6}  {}  ", line.line, moment(line.at));
    if let Some(no) = line.request {
        out.push_str(&format!("{no}  "));
    }
    match &line.event {
        // Every difference, on a line of its own.
        Event::PolicyChanged(change) => {
            let before = change.before.as_deref().unwrap_or("none");
            let started_by = quoted(&change.started_by.to_string(), 200);
            out.push_str(&format!("policy {before} to {}, started by {started_by}", change.after));
            let difference = change.difference.iter();
            out.extend(difference.map(|message| format!("\n          {}", plain(message, 500))));
        }
        _ => out.push_str(&line.said(&[])),
    }
    if let Some(by) = &line.by {
        out.push_str(&format!(" by {} ({})", word_or_quoted(&by.name), by.id));
    }
    if !line.about.is_empty() {
        let shown: Vec<String> = line.about.iter().take(3).map(|login| word_or_quoted(login)).collect();
        out.push_str(&format!(", about {}", list(&shown, "and")));
        if line.about.len() > shown.len() {
            out.push_str(&format!(" and {} more", line.about.len() - shown.len()));
        }
    }
    out
}

/// A name as it is, if nothing in it can be taken for what is around it.
fn word_or_quoted(name: &str) -> String {
    let is_word = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || "._-@+".contains(c));
    if is_word && name.len() <= 60 { name.to_owned() } else { quoted(name, 60) }
}
