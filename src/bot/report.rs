//! What `check` and `doctor` found: one line each, for people or for programs.

use std::io::Write;
use std::process::ExitCode;

use desk_core::basics::problem::Problem;
use desk_core::basics::text::count;
use serde_json::json;

/// How something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    Ok,
    /// It can't be tried without changing something, or without a right that the desk doesn't need.
    Untried,
    Warning,
    Failure,
}

impl Level {
    pub fn word(self) -> &'static str {
        match self {
            Level::Ok => "ok",
            Level::Untried => "untried",
            Level::Warning => "warning",
            Level::Failure => "failure",
        }
    }
}

/// What was read on this host, in a word that stays the same, and what is to say of it.
pub(crate) type FoundOnHost = (&'static str, Result<String, Problem>);

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub level: Level,
    /// What was looked at, in a word or two that stay the same.
    pub check: &'static str,
    pub message: String,
    /// What to do; empty where there is nothing.
    pub hint: String,
}

/// Everything that was looked at, in order.
#[derive(Clone, Debug, Default)]
pub struct Report {
    pub findings: Vec<Finding>,
}

impl Report {
    pub fn add(
        &mut self,
        level: Level,
        check: &'static str,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        self.findings.push(Finding { level, check, message: message.into(), hint: hint.into() });
    }

    pub fn ok(&mut self, check: &'static str, message: impl Into<String>) {
        self.add(Level::Ok, check, message, "");
    }

    pub fn problem(&mut self, level: Level, check: &'static str, problem: &Problem) {
        self.add(level, check, problem.message.clone(), problem.hint.clone());
    }

    pub fn number(&self, level: Level) -> usize {
        self.findings.iter().filter(|finding| finding.level == level).count()
    }

    /// Prints it. The status is a failure's if there is one.
    pub fn print(&self, as_json: bool, out: &mut dyn Write) -> ExitCode {
        let (failures, warnings) = (self.number(Level::Failure), self.number(Level::Warning));
        if as_json {
            let findings: Vec<_> = self
                .findings
                .iter()
                .map(|finding| {
                    json!({
                        "level": finding.level.word(), "check": finding.check,
                        "message": finding.message, "hint": finding.hint,
                    })
                })
                .collect();
            let all = json!({ "failures": failures, "warnings": warnings, "findings": findings });
            let _ = writeln!(out, "{all:#}");
        } else {
            for finding in &self.findings {
                let line = format!("{} {}", finding.message, finding.hint).replace(char::is_control, " ");
                let _ = writeln!(out, "{:<8} {}: {}", finding.level.word(), finding.check, line.trim());
            }
            let some = |n: usize, one: &str| if n == 0 { format!("no {one}s") } else { count(n, one) };
            let _ = writeln!(out, "{}, {}.", some(failures, "failure"), some(warnings, "warning"));
        }
        if failures == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}
