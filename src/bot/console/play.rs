//! `connect-desk play`: typed at a terminal, piped in, or read from a script.

use std::io::{BufRead, IsTerminal as _, Read as _, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use desk_core::basics::problem::Problem;
use desk_core::basics::text;
use desk_core::card::Card;
use desk_core::ports::Clock;
use rustyline::error::ReadlineError;
use rustyline::history::FileHistory;
use rustyline::{CompletionType, Editor};
use tokio::sync::mpsc;

use super::complete::TabCompletion;
use super::draw::{Paper, aside, draw};
use super::script;
use super::session::{Session, Shown, Stopper};
use crate::clock::{ScriptClock, SystemClock};
use crate::config::Config;
use crate::folder::{Folder, NotOpened, Writes};
use crate::practice::{self, Options, Unwatched};
use crate::systems::connect::Patience;

/// The moment at which scripts begin.
const SCRIPT_STARTS: &str = "2026-11-20T09:00:00Z";

/// What was chosen on the command line.
pub struct PlayOptions {
    pub script: Option<PathBuf>,
    /// Write the answers into the script instead of comparing them.
    pub accept: bool,
    pub state: PathBuf,
    /// Begin with an empty folder.
    pub fresh: bool,
    pub config: Option<Config>,
    pub unthrottled: bool,
    pub sim: desk_sim::Options,
}

/// Plays until the script ends or the person leaves. `false` when a line that was piped in was refused.
pub async fn play(options: PlayOptions) -> Result<bool, Problem> {
    if options.fresh {
        empty(&options.state)?;
    }
    let script_clock = match &options.script {
        Some(_) => Some(Arc::new(ScriptClock::starting_at(script_start()?))),
        None => None,
    };
    let clock: Arc<dyn Clock> = match &script_clock {
        Some(clock) => clock.clone(),
        None => Arc::new(SystemClock::default()),
    };
    let jitter_seed = script_clock.is_some().then_some(1);
    let practice = Options {
        state: options.state.clone(),
        config: options.config,
        clock: clock.clone(),
        throttled: options.script.is_none() && !options.unthrottled,
        sim: options.sim,
        patience: Patience { jitter_seed, ..Patience::default() },
        watcher: Arc::new(Unwatched),
        files: PathBuf::from("."),
    };
    let mut session = Session::new(practice, script_clock).await?;
    let screen = Screen::of_stdout();
    let ended = match &options.script {
        Some(path) => {
            session.start(&mut |shown| screen.print(&shown)).await?;
            script::run(&mut session, path, options.accept).await.map(|played| {
                screen.say(&format!("{}: {played} lines played, every answer as written.", path.display()));
            })
        }
        None => {
            let mut interrupts = Interrupts::caught(clock);
            let stopper = session.stopper();
            let mut show = |shown: Shown| screen.print(&shown);
            let resumed = session.start(&mut show);
            let (resumed, interrupted) = interrupts.watch(&screen, stopper, resumed).await;
            let left = resumed.transpose()?.is_none();
            match std::io::stdin().is_terminal() {
                _ if left => Ok(()),
                true => at_terminal(&mut session, &screen, &options.state, &mut interrupts).await,
                false if interrupted => Ok(()),
                false => piped(&mut session, &screen, &mut interrupts).await,
            }
        }
    };
    let is_piped = options.script.is_none() && !std::io::stdin().is_terminal();
    let closed = session.close().await;
    ended.and(closed)?;
    Ok(!(is_piped && session.has_refused()))
}

fn script_start() -> Result<jiff::Timestamp, Problem> {
    SCRIPT_STARTS.parse().map_err(|_| Problem::operator("script", "The start of scripts is not a time."))
}

/// Empties the state folder of a practice desk that no one has open, and refuses to touch any other.
fn empty(state: &Path) -> Result<(), Problem> {
    let trouble = |error: std::io::Error| {
        Problem::operator("fresh", format!("The folder {} cannot be emptied ({error}).", state.display()))
            .hint("Choose another with `--state`, or remove it manually.")
    };
    let entries = match std::fs::read_dir(state) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(trouble(error)),
    };
    let mut names = Vec::new();
    for entry in entries {
        names.push(entry.map_err(trouble)?.file_name().to_string_lossy().into_owned());
    }
    let refused = |message: String| {
        Err(Problem::operator("fresh", message)
            .hint("Choose another folder with `--state`. Nothing was removed."))
    };
    let ours = |name: &String| {
        ["desk", "files", "history.txt"].contains(&name.as_str()) || name.starts_with(practice::WORLD)
    };
    if let Some(other) = names.iter().find(|name| !ours(name)) {
        return refused(format!("The folder {} has {other}, which no practice desk makes.", state.display()));
    }
    // A real log may be in a folder named `desk` as well. Only a practice desk has its contact center beside it.
    if !names.is_empty() && !names.iter().any(|name| name == practice::WORLD) {
        return refused(format!(
            "The folder {} is not a practice desk's: it has no {}.",
            state.display(),
            practice::WORLD
        ));
    }
    let desk = state.join("desk");
    // Held until everything is gone, so that no desk begins meanwhile.
    let _held = match desk.exists().then(|| Folder::open(&desk, Writes::default())).transpose() {
        Ok(held) => held,
        Err(NotOpened::Held(problem) | NotOpened::Unusable(problem)) => return Err(problem),
    };
    std::fs::remove_dir_all(state).map_err(trouble)
}

/// The terminal as it is now: it may have been made wider or narrower since the last card.
fn paper() -> Paper {
    let out = std::io::stdout();
    let color = out.is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let width = if out.is_terminal() { textwrap::termwidth() } else { 80 };
    let named = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(named);
    Paper { width, color, ascii: lacks_utf8(locale.as_deref(), out.is_terminal()), local: true }
}

/// Whether a locale has only ASCII. A terminal without one has that of C; a pipe without one leads to who takes UTF-8.
pub fn lacks_utf8(locale: Option<&str>, is_terminal: bool) -> bool {
    match locale {
        Some(locale) => !locale.to_lowercase().replace('-', "").contains("utf8"),
        None => is_terminal && cfg!(unix),
    }
}

/// Where everything is said. While something runs, the last line is a sign of life, which whatever comes next removes.
pub struct Screen {
    /// And how many columns the sign of life takes.
    out: Mutex<(Box<dyn Write + Send>, usize)>,
    /// A person watches, and lines can be removed.
    is_terminal: bool,
}

impl Screen {
    fn of_stdout() -> Screen {
        Screen::new(Box::new(std::io::stdout()), std::io::stdout().is_terminal())
    }

    /// Writes there, which may be a terminal.
    pub fn new(out: Box<dyn Write + Send>, is_terminal: bool) -> Screen {
        Screen { out: Mutex::new((out, 0)), is_terminal }
    }

    /// Writes this in the place of the sign of life. It leaves so many columns of another one.
    fn write(&self, text: &str, columns: usize) {
        let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        let (out, sign) = &mut *out;
        // A reader that went away, such as `head`, is no fault of ours.
        if *sign > 0 {
            let _ = write!(out, "\r{}\r", " ".repeat(*sign));
        }
        let _ = write!(out, "{text}");
        let _ = out.flush();
        *sign = columns;
    }

    pub fn say(&self, line: &str) {
        self.write(&format!("{line}\n"), 0);
    }

    fn print(&self, shown: &Shown) {
        let paper = paper();
        match shown {
            Shown::Card(card) => self.say(&draw(card, paper)),
            Shown::Aside(text) => self.say(&aside(text, paper)),
        }
    }

    /// Shows that something runs, in one line.
    fn works(&self, since: Duration, hint: &str) {
        // In the last column a terminal would begin the next line.
        let line = format!("Working ({} s). {hint}", since.as_secs());
        let line = text::plain(&line, paper().width.saturating_sub(2));
        self.write(&line, line.chars().count());
    }

    /// It runs no more.
    fn rests(&self) {
        self.write("", 0);
    }
}

/// After so long the terminal shows that something runs, and for how long, again each time so much later.
const QUIET: Duration = Duration::from_secs(1);

/// Ctrl-C while something runs: it stops in order, instead of ending the process in the middle of a step.
pub struct Interrupts {
    pressed: mpsc::UnboundedReceiver<()>,
    clock: Arc<dyn Clock>,
}

impl Interrupts {
    /// From now on Ctrl-C ends nothing by itself.
    fn caught(clock: Arc<dyn Clock>) -> Interrupts {
        let (tell, pressed) = mpsc::unbounded_channel();
        tokio::spawn(async move { while tokio::signal::ctrl_c().await.is_ok() && tell.send(()).is_ok() {} });
        Interrupts::new(pressed, clock)
    }

    /// Told of each time that Ctrl-C is pressed.
    pub fn new(pressed: mpsc::UnboundedReceiver<()>, clock: Arc<dyn Clock>) -> Interrupts {
        Interrupts { pressed, clock }
    }

    /// Sees work through, and whether Ctrl-C was pressed meanwhile, which stops what runs. Anyone who presses it again waits no longer,
    /// and nothing comes of the work.
    pub async fn watch<T>(
        &mut self,
        screen: &Screen,
        stopper: Stopper,
        work: impl Future<Output = T>,
    ) -> (Option<T>, bool) {
        let mut work = std::pin::pin!(work);
        let mut interrupted = false;
        let began = self.clock.monotonic();
        loop {
            tokio::select! {
                done = &mut work => {
                    screen.rests();
                    return (Some(done), interrupted);
                }
                () = self.clock.sleep(QUIET), if screen.is_terminal => {
                    let hint = if interrupted { "Press Ctrl-C again to leave now." } else { "Ctrl-C stops it in order." };
                    screen.works(self.clock.monotonic().saturating_sub(began), hint);
                }
                Some(()) = self.pressed.recv() => {
                    if interrupted {
                        let left = "Leaving. What was under way is looked at when someone resumes it.";
                        screen.say(&aside(left, paper()));
                        return (None, true);
                    }
                    interrupted = true;
                    screen.say(&aside(&stopper.stop().await, paper()));
                }
            }
        }
    }
}

/// The longest line that is read, in bytes: more than the desk takes, so that it can say so.
const LINE_MAX: usize = 64 * 1024;

/// Lines that are piped in, read by a thread of their own: it may wait for one for ever while the program ends.
fn lines_of_stdin() -> mpsc::Receiver<Result<Result<String, Problem>, Problem>> {
    let (tell, lines) = mpsc::channel(1);
    std::thread::spawn(move || {
        let mut input = std::io::stdin().lock();
        while let Some(line) = next_line(&mut input).transpose() {
            let failed = line.is_err();
            if tell.blocking_send(line).is_err() || failed {
                break;
            }
        }
    });
    lines
}

/// Says each line and its answer. `#` begins a comment.
async fn piped(session: &mut Session, screen: &Screen, interrupts: &mut Interrupts) -> Result<(), Problem> {
    let mut lines = lines_of_stdin();
    loop {
        let line = tokio::select! {
            line = lines.recv() => line,
            _ = interrupts.pressed.recv() => None,
        };
        let line = match line.transpose()? {
            None => return Ok(()),
            Some(Ok(line)) => line,
            Some(Err(problem)) => {
                session.refuse();
                screen.say(&format!("{}> ", session.speaker()));
                screen.print(&Shown::Card(Card::problem(&problem)));
                continue;
            }
        };
        if line.trim_start().starts_with('#') {
            continue;
        }
        screen.say(&format!("{}> {line}", session.speaker()));
        let stopper = session.stopper();
        let mut show = |shown: Shown| screen.print(&shown);
        let (goes_on, interrupted) = interrupts.watch(screen, stopper, session.line(&line, &mut show)).await;
        if goes_on != Some(true) || interrupted {
            return Ok(());
        }
    }
}

/// The next line, or why it is none; `None` at the end.
fn next_line(input: &mut impl BufRead) -> Result<Option<Result<String, Problem>>, Problem> {
    let trouble = |error: std::io::Error| {
        Problem::operator("input", format!("The input can't be read ({error}).")).hint("Start again.")
    };
    let mut bytes = Vec::new();
    let most = u64::try_from(LINE_MAX).unwrap_or(u64::MAX);
    if input.by_ref().take(most).read_until(b'\n', &mut bytes).map_err(trouble)? == 0 {
        return Ok(None);
    }
    let is_whole = bytes.last() == Some(&b'\n') || bytes.len() < LINE_MAX;
    if !is_whole {
        input.skip_until(b'\n').map_err(trouble)?;
        let problem =
            Problem::requester("line_too_long", format!("The line has more than {LINE_MAX} bytes."));
        return Ok(Some(Err(problem.hint("Shorten it."))));
    }
    let line = String::from_utf8(bytes).map(|line| line.trim_end_matches(['\n', '\r']).to_owned());
    Ok(Some(line.map_err(|_| not_utf8())))
}

fn not_utf8() -> Problem {
    Problem::requester("line_encoding", "The line isn't UTF-8 text.")
        .hint("Type it again, or save the file as UTF-8.")
}

async fn at_terminal(
    session: &mut Session,
    screen: &Screen,
    state: &Path,
    interrupts: &mut Interrupts,
) -> Result<(), Problem> {
    let trouble = |error: ReadlineError| {
        Problem::operator("terminal", format!("The terminal cannot be read ({error})."))
            .hint("Pipe the lines in instead.")
    };
    let config = rustyline::Config::builder().completion_type(CompletionType::List).build();
    let mut editor: Editor<TabCompletion, FileHistory> = Editor::with_config(config).map_err(trouble)?;
    let history = state.join("history.txt");
    let _ = editor.load_history(&history);
    screen.say(&aside(
        &format!(
            "A practice help desk with an invented contact center behind it, kept in {}. You speak as {}; `as supervisor` \
             changes that. Try `/connect find doe`, then `/connect reset john.doe method:recreate`. `help` lists the rest.",
            state.display(),
            session.speaker(),
        ),
        paper(),
    ));
    loop {
        let offer = session.offer();
        session.keep_names_fresh();
        editor.set_helper(Some(session.completion()));
        let prompt = format!("{}> ", session.speaker());
        // Reading blocks a thread of its own, so that what runs in the background continues.
        let (back, read) = tokio::task::spawn_blocking(move || {
            let read = editor.readline(&prompt);
            (editor, read)
        })
        .await
        .map_err(|error| Problem::operator("terminal", format!("The terminal's thread ended ({error}).")))?;
        editor = back;
        // What completes keeps the desk open, which a line may restart.
        editor.set_helper(None);
        match read {
            Ok(line) => {
                // Enter alone sends the line that may have been meant, which is behind the prompt.
                let line = if line.trim().is_empty() { offer.unwrap_or(line) } else { line };
                if !session.has_code(&line) {
                    let _ = editor.add_history_entry(line.as_str());
                }
                let stopper = session.stopper();
                let mut show = |shown: Shown| screen.print(&shown);
                let line = session.line(&line, &mut show);
                if interrupts.watch(screen, stopper, line).await.0 != Some(true) {
                    break;
                }
            }
            Err(ReadlineError::Interrupted) => {
                screen.say(&aside("`quit` leaves; everything is kept.", paper()))
            }
            Err(ReadlineError::Eof) => break,
            Err(ReadlineError::Io(error)) if error.kind() == std::io::ErrorKind::InvalidData => {
                screen.print(&Shown::Card(Card::problem(&not_utf8())));
            }
            Err(error) => return Err(trouble(error)),
        }
    }
    let _ = editor.save_history(&history);
    Ok(())
}
