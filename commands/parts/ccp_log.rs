//! Reading a CCP log that came with a command, and what it shows of a softphone's troubles, as sentences with the next step.

use desk_core::basics::problem::Problem;
use desk_core::basics::text::{code, count, second};
use desk_core::card::Mark;
use desk_core::command::Ask;
use desk_core::formats::ccplog::{CcpLog, Reader};
use desk_core::formats::ccpsigns::{SKEW_MAX, Signs};

/// Reads the log piece by piece; nothing of it is kept.
pub(crate) async fn read(ask: &Ask<'_>) -> Result<CcpLog, Problem> {
    let incoming = ask.incoming.as_ref().ok_or_else(|| {
        Problem::asker("file", "No file came with this.").hint("Attach the log that the agent downloaded.")
    })?;
    let mut incoming = incoming.lock().await;
    let mut reader = Reader::new();
    while let Some(piece) = incoming.next().await? {
        reader.push(&piece)?;
    }
    reader.finish()
}

/// What fails, worst first, and what is good to know; each a sentence.
pub(crate) fn findings(signs: &Signs) -> Vec<(Mark, String)> {
    let mut found = Vec::new();
    for failed in &signs.failed {
        let times = count(usize::try_from(failed.times).unwrap_or(usize::MAX), "time");
        let last = failed.last.map(|at| format!(", last at {}", second(at))).unwrap_or_default();
        let said = failed.what.said();
        let said = said.strip_suffix('.').unwrap_or(said);
        found.push((Mark::Failed, format!("{said} ({times}{last}). {}", failed.what.next())));
    }
    if let Some(skew) = signs.skew {
        let seconds = skew.unsigned_abs() / 1_000;
        match skew.abs() >= SKEW_MAX {
            true => found.push((
                Mark::Failed,
                format!("The computer's clock is off by {seconds} s. Have it set automatically: sign-in and calls fail otherwise."),
            )),
            false => found.push((Mark::Done, format!("The computer's clock is right ({skew} ms off)."))),
        }
    }
    if let Some((at, text)) = &signs.error {
        let at = at.map(|at| format!(" at {}", second(at))).unwrap_or_default();
        found.push((Mark::Look, format!("The last error{at}: {}", code(text))));
    }
    let mut with: Vec<String> = signs.browser.iter().cloned().collect();
    with.extend(signs.versions.iter().map(|(name, version)| format!("{name} {version}")));
    if !with.is_empty() {
        found.push((Mark::Done, format!("Browser and versions: {}.", code(&with.join(", ")))));
    }
    found
}
