//! The terminal: its sign of life, and what it can show.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use connect_desk::clock::ScriptClock;
use connect_desk::console::Stopper;
use connect_desk::console::play::{Interrupts, Screen, lacks_utf8};
use desk_core::basics::ids::{PersonId, Platform};
use desk_core::basics::roles::Person;
use tokio::sync::mpsc;

/// A terminal that tells what is written to it.
struct Terminal(mpsc::UnboundedSender<String>);

impl std::io::Write for Terminal {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let _ = self.0.send(String::from_utf8_lossy(bytes).into_owned());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// The lines that a terminal shows after this was written to it.
fn shown(written: &str) -> Vec<String> {
    let mut lines = vec![Vec::new()];
    let mut column = 0;
    for c in written.chars() {
        let line = lines.last_mut().unwrap();
        match c {
            '\r' => column = 0,
            '\n' => {
                lines.push(Vec::new());
                column = 0;
            }
            c => {
                line.resize(line.len().max(column + 1), ' ');
                line[column] = c;
                column += 1;
            }
        }
    }
    lines.iter().map(|line| line.iter().collect::<String>().trim_end().to_owned()).collect()
}

/// What was written until `last` was, and what more comes.
async fn until(written: &mut mpsc::UnboundedReceiver<String>, all: &Mutex<String>, last: &str) {
    while !all.lock().unwrap().contains(last) {
        let more = written.recv().await.unwrap();
        all.lock().unwrap().push_str(&more);
    }
}

#[tokio::test]
async fn a_sign_of_life_is_shown_while_something_runs_and_removed_afterwards() {
    for is_terminal in [true, false] {
        let (tell, mut written) = mpsc::unbounded_channel();
        let screen = Screen::new(Box::new(Terminal(tell)), is_terminal);
        let (_press, pressed) = mpsc::unbounded_channel();
        let clock = Arc::new(ScriptClock::starting_at("2026-11-20T09:00:00Z".parse().unwrap()));
        let by = Person {
            id: PersonId::new(Platform::Console, "1").unwrap(),
            name: "helpdesk".to_owned(),
            roles: BTreeSet::new(),
            login: None,
            also: BTreeSet::new(),
        };
        let stopper = Stopper::new(None, by);
        let all = Mutex::new(String::new());
        let work = async {
            if is_terminal {
                until(&mut written, &all, "Working (2 s)").await;
                let now = shown(&all.lock().unwrap());
                assert_eq!(now, ["Working (2 s). Ctrl-C stops it in order."]);
            }
            // What is said meanwhile takes its place, and it comes back below.
            screen.say("The first answer.");
            if is_terminal {
                until(&mut written, &all, "Working (4 s)").await;
            }
            screen.say("The second answer.");
            if is_terminal {
                until(&mut written, &all, "Working (6 s)").await;
            }
        };
        let mut interrupts = Interrupts::new(pressed, clock);
        let watched = interrupts.watch(&screen, stopper, work);
        let done = tokio::time::timeout(Duration::from_secs(60), watched).await.unwrap();
        assert_eq!(done, (Some(()), false));
        drop(screen);
        while let Some(more) = written.recv().await {
            all.lock().unwrap().push_str(&more);
        }
        let all = all.into_inner().unwrap();
        assert_eq!(shown(&all), ["The first answer.", "The second answer.", ""], "{all}");
        assert_eq!(all.contains("Working"), is_terminal, "{all}");
    }
}

#[test]
fn a_locale_without_utf8_gets_ascii() {
    for (locale, is_terminal, ascii) in [
        (Some("C"), false, true),
        (Some("POSIX"), true, true),
        (Some("de_DE.ISO-8859-1"), true, true),
        (Some("en_US.UTF-8"), true, false),
        (Some("C.utf8"), true, false),
        (None, false, false),
        (None, true, cfg!(unix)),
    ] {
        assert_eq!(lacks_utf8(locale, is_terminal), ascii, "{locale:?}");
    }
}
