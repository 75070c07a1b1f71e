//! The program's own log, which is not the approval log: one line for each event, as text or JSON, to standard error or a file.
//!
//! It holds codes and ids, and no secret, no body and no name. `[log]` in the configuration says how much; the environment variable
//! `CONNECT_DESK_LOG` goes before it.

use std::fmt::Write as _;
use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use desk_core::basics::problem::Problem;
use desk_core::basics::text::plain;
use desk_core::ports::Clock as _;
use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::filter::{EnvFilter, filter_fn};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};
use tracing_subscriber::registry::Registry;
use tracing_subscriber::reload;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::clock::SystemClock;
use crate::config::{Format, ProgramLog};

/// The longest value of a field, in characters.
const VALUE_MAX: usize = 1_000;

/// What a running program can change about its log.
struct Running {
    filter: reload::Handle<EnvFilter, Registry>,
    out: Arc<Mutex<Out>>,
}

static RUNNING: OnceLock<Running> = OnceLock::new();

/// Whether the program's log may have it, whatever is wanted: serenity's spans hold the tokens of interactions, and the AWS SDK's
/// traces hold users.
fn is_harmless(said: &tracing::Metadata<'_>) -> bool {
    let most = match said.target() {
        target if target.starts_with("serenity") => tracing::Level::WARN,
        target if target.starts_with("aws_smithy_runtime") => tracing::Level::DEBUG,
        _ => tracing::Level::TRACE,
    };
    *said.level() <= most
}

/// What tools say that end soon: errors, on standard error.
pub(crate) fn quiet() -> ProgramLog {
    ProgramLog { level: "quiet".to_owned(), ..ProgramLog::default() }
}

/// Which events are written.
fn filter(settings: &ProgramLog) -> EnvFilter {
    let wanted = std::env::var("CONNECT_DESK_LOG").unwrap_or_else(|_| match settings.level.as_str() {
        // What is beneath the desk is told only when it is asked for by the environment variable. The AWS SDK gives its errors to the
        // desk, which tells them; its own lines say nothing to an operator.
        "quiet" | "error" => "error,aws_smithy_runtime=off".to_owned(),
        level => format!(
            "warn,connect_desk={level},desk_core={level},desk_commands={level},aws_smithy_runtime=off"
        ),
    });
    EnvFilter::new(wanted)
}

/// Begins the log. To be called once.
pub(crate) fn begin(settings: &ProgramLog) -> Result<(), Problem> {
    let out = Arc::new(Mutex::new(Out::open(settings)?));
    let (filter, handle) = reload::Layer::new(filter(settings));
    let lines = Lines { out: out.clone(), clock: SystemClock::default() };
    let begun =
        tracing_subscriber::registry().with(filter).with(filter_fn(is_harmless)).with(lines).try_init();
    if begun.is_ok() {
        let _ = RUNNING.set(Running { filter: handle, out });
    }
    Ok(())
}

/// Continues with these settings. A file is opened again, so that what rotates logs may have renamed it.
pub(crate) fn change(settings: &ProgramLog) -> Result<(), Problem> {
    let Some(running) = RUNNING.get() else { return Ok(()) };
    let out = Out::open(settings)?;
    *running.out.lock().unwrap_or_else(PoisonError::into_inner) = out;
    let _ = running.filter.reload(filter(settings));
    Ok(())
}

/// Where lines go, and in which form.
struct Out {
    json: bool,
    /// None for standard error.
    file: Option<File>,
}

impl Out {
    fn open(settings: &ProgramLog) -> Result<Out, Problem> {
        let file = settings.file.as_deref().map(open).transpose()?;
        Ok(Out { json: settings.format == Format::Json, file })
    }

    /// What can't be written is lost: the program has no other place to say so.
    fn write(&mut self, line: &str) {
        let _ = match &mut self.file {
            Some(file) => file.write_all(line.as_bytes()),
            None => std::io::stderr().lock().write_all(line.as_bytes()),
        };
    }
}

fn open(path: &Path) -> Result<File, Problem> {
    let mut options = std::fs::OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o640);
    options.open(path).map_err(|error| {
        Problem::operator(
            "log_target",
            format!("The program's log {} can't be opened ({error}).", path.display()),
        )
        .hint("Correct `target` under [log], or give the desk's account permission to write there.")
    })
}

struct Lines {
    out: Arc<Mutex<Out>>,
    clock: SystemClock,
}

impl<S: Subscriber> Layer<S> for Lines {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let meta = event.metadata();
        let at = self.clock.now().strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string();
        let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        let line = if out.json {
            let mut line = Map::new();
            line.insert("at".to_owned(), at.into());
            line.insert("level".to_owned(), meta.level().as_str().to_lowercase().into());
            line.insert("target".to_owned(), meta.target().into());
            line.insert("message".to_owned(), fields.message.into());
            for (name, value) in fields.others {
                line.entry(name).or_insert(value);
            }
            format!("{}\n", Value::from(line))
        } else {
            let mut line = format!("{at} {:>5} {}: {}", meta.level(), meta.target(), fields.message);
            for (name, value) in fields.others {
                let _ = match &value {
                    Value::String(text) if text.is_empty() || text.contains(char::is_whitespace) => {
                        write!(line, " {name}={value}")
                    }
                    Value::String(text) => write!(line, " {name}={text}"),
                    value => write!(line, " {name}={value}"),
                };
            }
            line.push('\n');
            line
        };
        out.write(&line);
    }
}

/// The fields of an event. Whatever they hold stays on one line.
#[derive(Default)]
struct Fields {
    message: String,
    others: Vec<(String, Value)>,
}

impl Fields {
    fn add(&mut self, field: &Field, value: Value) {
        self.others.push((field.name().to_owned(), value));
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        let text = plain(&format!("{value:?}"), VALUE_MAX);
        if field.name() == "message" {
            self.message = text;
        } else {
            self.add(field, text.into());
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        let text = plain(value, VALUE_MAX);
        if field.name() == "message" {
            self.message = text;
        } else {
            self.add(field, text.into());
        }
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.add(field, value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.add(field, value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.add(field, value.into());
    }
}
