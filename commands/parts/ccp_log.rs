//! Reading a CCP log that came with a command, and what it shows of a softphone's troubles, as sentences with the next step.

use desk_core::basics::problem::Problem;
use desk_core::basics::text::{code, count, second};
use desk_core::card::Mark;
use desk_core::center::{Channel, Phone, User};
use desk_core::command::Ask;
use desk_core::formats::ccplog::{CcpLog, Reader};
use desk_core::formats::ccpsigns::{SKEW_MAX, Signs};

/// Reads the log piece by piece; nothing of it is kept.
pub(crate) async fn read(ask: &Ask<'_>) -> Result<CcpLog, Problem> {
    let incoming = ask.incoming.as_ref().ok_or_else(|| {
        Problem::requester("file", "No file is attached.").hint("Attach the log the agent downloaded.")
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
    if signs.cut_off {
        let message =
            "The log is cut off, so its last entries are missing. Ask the agent to download it again.";
        found.push((Mark::Look, message.to_owned()));
    }
    if let Some(skew) = signs.skew {
        let seconds = skew.unsigned_abs() / 1_000;
        match skew.abs() >= SKEW_MAX {
            true => found.push((
                Mark::Failed,
                format!("The computer's clock is off by {seconds} s. Set it to synchronize automatically; otherwise sign-in and calls can fail."),
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

/// What is set for a user's calls, and what their log shows of them.
pub(crate) fn calls(user: &User, log: Option<CcpLog>) -> Vec<(Mark, String)> {
    let mut found = Vec::new();
    let settings = &user.profile.settings;
    match &settings.phone {
        Some(Phone::Desk { number: Some(number) }) => found.push((
            Mark::Look,
            format!("Calls ring on the desk phone {}, not in the browser.", code(number)),
        )),
        Some(Phone::Desk { number: None }) => {
            found.push((
                Mark::Failed,
                "A desk phone is set without a number, so no call can arrive.".to_owned(),
            ));
        }
        _ => found.push((Mark::Done, "Calls ring on the soft phone in the browser.".to_owned())),
    }
    let set = settings.auto_accept.get(&Channel::Voice).is_some_and(|accept| accept.on);
    let on = |on: bool| if on { "on" } else { "off" };
    found.push((Mark::Done, format!("Auto-accept of calls is set to {}.", on(set))));
    let Some(log) = log else {
        found.push((
            Mark::Look,
            "Have them take a test call, then in the CCP choose Settings, Download logs, and add the file as `log:…`: it shows \
             microphone, network and signaling failures."
                .to_owned(),
        ));
        return found;
    };
    let log = match log.of(&user.login) {
        Ok(log) => log,
        Err(log) => {
            if let Some(other) = &log.login {
                let message = format!("The log belongs to {}, not to {}.", code(other), code(&user.login));
                found.push((Mark::Failed, message));
                return found;
            }
            *log
        }
    };
    if let Some(shown) = log.calls.as_ref().map(|calls| calls.latest.on).filter(|shown| *shown != set) {
        let message = format!(
            "Their soft phone still has auto-accept {}. Have them sign out of the CCP and in again.",
            on(shown)
        );
        found.push((Mark::Failed, message));
    }
    if log.signs.failed.is_empty() {
        found.push((Mark::Done, "The log has no microphone, network or signaling failure.".to_owned()));
    }
    found.extend(findings(&log.signs));
    found
}
