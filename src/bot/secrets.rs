//! Secrets that come in environment variables, and how little of them is left in the process.
//!
//! The environment that a process was started with stays readable for as long as it runs (`/proc/PID/environ`), and its children
//! inherit it. So the program reads its secrets once, starts itself again in the same process without them, and gets them
//! through a pipe. Then it keeps the kernel from writing its memory to disk and from showing it to other processes of its account.

use std::collections::BTreeMap;
use std::fmt;
use std::io::ErrorKind;
use std::path::Path;
use std::sync::OnceLock;

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use desk_core::basics::problem::Problem;
use secrecy::{ExposeSecret as _, SecretString};

use crate::private;
use crate::report::FoundOnHost;

/// A variable of the environment that holds a secret, in a list of its system or platform, so that none is read and left in the environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Variable(&'static str);

impl Variable {
    /// One of [`variables!`].
    pub(crate) const fn listed(name: &'static str) -> Variable {
        Variable(name)
    }
}

impl fmt::Display for Variable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// Names the secrets of a system or platform, and lists them as its `VARIABLES`.
macro_rules! variables {
    ($($(#[$doc:meta])* $variable:ident = $name:literal;)*) => {
        $($(#[$doc])* pub(super) const $variable: $crate::secrets::Variable = $crate::secrets::Variable::listed($name);)*

        /// All of them.
        pub(crate) const VARIABLES: &[$crate::secrets::Variable] = &[$($variable),*];
    };
}

pub(crate) use variables;

variables! {
    AWS_SECRET = "AWS_SECRET_ACCESS_KEY";
    AWS_TOKEN = "AWS_SESSION_TOKEN";
}

// The id of an AWS key is no secret.
const AWS_KEY_ID: &str = "AWS_ACCESS_KEY_ID";

static TAKEN: OnceLock<BTreeMap<Variable, SecretString>> = OnceLock::new();

/// A secret from the environment: as it was when the program started, if it has been taken out, or as it is.
pub(crate) fn variable(variable: Variable) -> Option<SecretString> {
    let taken = TAKEN.get().and_then(|taken| taken.get(&variable)).cloned();
    taken.or_else(|| std::env::var(variable.0).ok().map(SecretString::from))
}

/// A secret that the desk can't do without: in a variable, or else in a file that the configuration names.
pub(crate) struct Needed<'a> {
    pub(crate) variable: Variable,
    pub(crate) file: Option<&'a Path>,
    /// What it is, as in `SMTP password`.
    pub(crate) what: &'static str,
    /// The code of the problem that it can't be had.
    pub(crate) code: &'static str,
    pub(crate) hint: String,
}

impl Needed<'_> {
    /// What `check` says of it. `read` is what the desk itself reads it with, so that both accept the same.
    pub(crate) fn found<T>(&self, read: Result<T, Problem>) -> FoundOnHost {
        let said = |_| match (variable(self.variable), self.file) {
            (None, Some(file)) => format!("The {} is set ({}).", self.what, file.display()),
            _ => format!("The {} is set ({}).", self.what, self.variable),
        };
        ("secret", read.map(said))
    }

    /// As it is there.
    pub(crate) fn whole(&self) -> Result<SecretString, Problem> {
        let what = self.what;
        match (variable(self.variable), self.file) {
            (Some(secret), _) => Ok(secret),
            (None, Some(file)) => private::secret(file)?.map_err(|error| {
                let problem =
                    self.problem(format!("The {what} can't be read from {} ({error}).", file.display()));
                match error.kind() {
                    ErrorKind::PermissionDenied => {
                        problem.hint("Give the desk's account permission to read it.")
                    }
                    _ => problem,
                }
            }),
            (None, None) => Err(self.problem(format!("The {what} is missing."))),
        }
    }

    /// Its one line. Blanks at the ends of a password may belong to it.
    pub(crate) fn line(&self) -> Result<SecretString, Problem> {
        let whole = self.whole()?;
        let line = whole.expose_secret().trim_matches(['\r', '\n']);
        match line.trim().is_empty() || line.chars().any(char::is_control) {
            true => Err(self.invalid()),
            false => Ok(SecretString::from(line.to_owned())),
        }
    }

    pub(crate) fn invalid(&self) -> Problem {
        self.problem(format!("The {} is empty or invalid.", self.what))
    }

    fn problem(&self, message: String) -> Problem {
        Problem::operator(self.code, message).hint(self.hint.clone())
    }
}

/// AWS keys that were taken out of the environment, where AWS's own chain would look for them first.
pub(crate) fn aws_keys() -> Option<SharedCredentialsProvider> {
    let taken = TAKEN.get()?;
    let secret = taken.get(&AWS_SECRET)?.expose_secret();
    let id = std::env::var(AWS_KEY_ID).ok()?;
    let token = taken.get(&AWS_TOKEN).map(|token| token.expose_secret().to_owned());
    let keys = Credentials::new(id, secret, token, None, "environment");
    Some(SharedCredentialsProvider::new(keys))
}

/// Takes these secrets out of the environment and closes the process to others. To be called before any thread is started.
///
/// Where the system can't do a part of this, the program works without it and says so in its log.
#[cfg_attr(not(target_os = "linux"), allow(unused_variables, reason = "there is no way to take them"))]
pub(crate) fn guard(variables: &[Variable]) {
    #[cfg(target_os = "linux")]
    {
        linux::take(variables);
        linux::close();
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use std::io::{Read as _, Write as _};
    use std::os::fd::AsRawFd as _;
    use std::os::unix::process::CommandExt as _;
    use std::process::Command;

    use rustix::fs::Mode;
    use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit, umask};
    use secrecy::SecretString;
    use zeroize::Zeroizing;

    use super::{TAKEN, Variable};

    /// Says through which pipe the secrets come.
    const PIPE: &str = "CONNECT_DESK_SECRETS_FD";

    /// What fits into a pipe without a reader.
    const MOST: usize = 60_000;

    pub(super) fn take(variables: &[Variable]) {
        if let Ok(pipe) = std::env::var(PIPE) {
            match received(&pipe, variables) {
                Ok(secrets) => drop(TAKEN.set(secrets)),
                Err(error) => tracing::error!(%error, "the secrets in the environment were lost; restart"),
            }
        } else if variables.iter().any(|variable| std::env::var_os(variable.0).is_some()) {
            let error = start_anew(variables);
            tracing::warn!(%error, "the secrets stay in the environment of this process");
        }
    }

    /// Starts this program in place of this process, with the secrets in a pipe. Comes back only when it can't.
    fn start_anew(variables: &[Variable]) -> std::io::Error {
        let mut secrets = Zeroizing::new(Vec::new());
        for Variable(name) in variables {
            if let Ok(secret) = std::env::var(name).map(Zeroizing::new) {
                for part in [name, "=", &secret, "\0"] {
                    secrets.extend_from_slice(part.as_bytes());
                }
            }
        }
        if secrets.len() > MOST {
            return std::io::Error::other("they are too long");
        }
        let (from, to) = match rustix::pipe::pipe() {
            Ok(pipe) => pipe,
            Err(error) => return error.into(),
        };
        if let Err(error) = std::fs::File::from(to).write_all(&secrets) {
            return error;
        }
        let mut arguments = std::env::args_os();
        let name = arguments.next().unwrap_or_else(|| "connect-desk".into());
        let arguments: Vec<_> = arguments.collect();
        let again = |program: std::path::PathBuf| {
            let mut command = Command::new(program);
            command.arg0(&name).args(&arguments).env(PIPE, from.as_raw_fd().to_string());
            for Variable(name) in variables {
                command.env_remove(name);
            }
            command.exec()
        };
        // A program that was replaced on disk while it ran is still there under the second name.
        if let Ok(program) = std::env::current_exe() {
            again(program);
        }
        again("/proc/self/exe".into())
    }

    fn received(
        pipe: &str,
        variables: &[Variable],
    ) -> std::io::Result<std::collections::BTreeMap<Variable, SecretString>> {
        let pipe: u32 = pipe.parse().map_err(std::io::Error::other)?;
        let mut secrets = Zeroizing::new(String::new());
        std::fs::File::open(format!("/proc/self/fd/{pipe}"))?.read_to_string(&mut secrets)?;
        let named = secrets.split_terminator('\0').filter_map(|secret| {
            let (name, secret) = secret.split_once('=')?;
            let variable = variables.iter().copied().find(|known| known.0 == name)?;
            Some((variable, SecretString::from(secret.to_owned())))
        });
        Ok(named.collect())
    }

    /// No core dumps, no look into this process by others of its account, and no new file that others can read.
    pub(super) fn close() {
        let none = Rlimit { current: Some(0), maximum: Some(0) };
        let closed = setrlimit(Resource::Core, none)
            .and_then(|()| set_dumpable_behavior(DumpableBehavior::NotDumpable));
        if let Err(error) = closed {
            tracing::warn!(%error, "the kernel may write this process's memory to disk");
        }
        umask(Mode::from_bits_truncate(0o077));
    }
}
