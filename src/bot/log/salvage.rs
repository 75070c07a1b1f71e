//! Salvage: what is whole of a damaged log, and what is not, in another folder. The damaged one is not touched.

use std::io::Write as _;
use std::path::Path;

use desk_core::basics::problem::Problem;
use desk_core::basics::text::count;

use super::parts::torn;
use super::show::batches;
use super::verify::open_reader;
use super::walk::{Start, Walk};
use super::{file, keys};
use crate::folder::{Folder, Writes, shown, trouble};
use crate::private;

/// The lines that are whole.
const LINES: &str = "lines.jsonl";

/// What is not, in sentences.
const DAMAGE: &str = "damage.txt";

/// Writes what is whole of the log in `from`, and what is not, into the new folder `to`. Gives what was written, in sentences.
pub fn salvage(from: &Path, to: &Path) -> Result<String, Problem> {
    let folder = Folder::read_only(from);
    let verifier = keys::public(&folder).ok().flatten();
    let claims = verifier.as_ref().map(|verifier| file::claims(&folder, verifier));
    let told = claims.map(|claims| claims.told()).unwrap_or_default();
    let (reader, length) = open_reader(&folder, verifier.clone())?;
    make(from, to)?;
    let failed = |error: std::io::Error| trouble(&format!("write to {}", shown(to)), &error);
    let create = |name: &str| Writes::default().create(name, &to.join(name)).map_err(failed);
    let mut lines = std::io::BufWriter::new(create(LINES)?);
    let mut damage = std::io::BufWriter::new(create(DAMAGE)?);
    let (mut whole, mut stretches) = (0usize, 0usize);
    // Without the public key nothing tells what was signed, and only lines and their hashes can be compared.
    let mut walk = verifier.as_ref().map(|verifier| Walk::new(verifier, None::<&Start>, true, Vec::new()));
    let mut said = 0;
    // As it is in the file, so that someone can look at it byte by byte.
    let set_aside = |damage: &mut dyn std::io::Write, at: u64, text: &[u8]| {
        let name = format!("bytes-{at}.raw");
        create(&name)?.write_all(text).map_err(failed)?;
        let end = at + text.len() as u64;
        writeln!(damage, "    Bytes {at} to {end} of log.jsonl are in {name}.").map_err(failed)
    };
    let (at, cut_short) = batches(&reader, length, told, &mut |batch| {
        for bytes in batch.lines().filter_map(|(_, bytes)| bytes) {
            whole += 1;
            lines.write_all(bytes).and_then(|()| lines.write_all(b"\n")).map_err(failed)?;
        }
        let mut sentences: Vec<String> = batch.faults.iter().map(ToString::to_string).collect();
        if let Some(walk) = &mut walk {
            walk.batch(batch);
            sentences = walk.findings.iter().skip(said).map(ToString::to_string).collect();
            said = walk.findings.len();
        }
        let is_rest = batch.seal.is_none() && !batch.text().is_empty();
        if sentences.is_empty() && !is_rest {
            return Ok(());
        }
        if is_rest {
            let place = batch
                .first
                .checked_sub(1)
                .map_or("at the beginning".to_owned(), |line| format!("after line {line}"));
            sentences.push(format!("The data {place} has no readable seal."));
        }
        stretches += 1;
        for message in &sentences {
            writeln!(damage, "{message}").map_err(failed)?;
        }
        set_aside(&mut damage, batch.at, batch.text())
    })?;
    if !cut_short.is_empty() {
        writeln!(damage, "{}", torn(cut_short.len())).map_err(failed)?;
        set_aside(&mut damage, at, &cut_short)?;
    }
    lines.flush().and_then(|()| damage.flush()).map_err(failed)?;
    Ok(format!(
        "{} in {}. {} listed in {}.",
        count(whole, "whole line"),
        shown(&to.join(LINES)),
        count(stretches, "damaged stretch").replace("stretchs", "stretches"),
        shown(&to.join(DAMAGE)),
    ))
}

/// Makes the folder, which must not have anything in it, nor be in the damaged one.
fn make(from: &Path, to: &Path) -> Result<(), Problem> {
    let whole = std::path::absolute(to).unwrap_or_else(|_| to.to_owned());
    // What is there already may be a link to the damaged folder.
    let there = whole.ancestors().find_map(|above| above.canonicalize().ok());
    if let (Some(there), Ok(from)) = (there, from.canonicalize())
        && there.starts_with(&from)
    {
        return Err(Problem::requester("salvage_folder", format!("{} is in the damaged folder.", shown(to)))
            .hint("Choose a folder outside of it, which stays as it is."));
    }
    private::create(to)
        .and_then(|()| std::fs::read_dir(to))
        .map_err(|error| trouble(&format!("make the folder {}", shown(to)), &error))
        .and_then(|mut entries| match entries.next() {
            None => Ok(()),
            Some(_) => Err(Problem::requester("salvage_folder", format!("{} is not empty.", shown(to)))
                .hint("Choose a new folder. Existing files are not changed.")),
        })
}
