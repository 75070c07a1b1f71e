//! A process of its own that writes into a store and says what was acknowledged, to be killed by other tests.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use desk_core::log::{Append, Line, RequestLog as _};
use desk_core::ports::Vault as _;

use crate::helper::*;

const FOLDER: &str = "STORE_TEST_FOLDER";
const PACE: &str = "STORE_TEST_PACE";

/// How a child writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// As fast as it can.
    Full,
    /// The same, with a line of a megabyte now and then.
    FullAndLong,
    /// One line for each byte that comes in.
    Told,
}

/// A writing child.
pub struct Writer {
    child: Child,
    out: BufReader<ChildStdout>,
    /// The lines that were acknowledged so far, as their bytes, and the passwords that were given out.
    pub acknowledged: Vec<Vec<u8>>,
    pub passwords: Vec<(u64, String)>,
}

impl Writer {
    pub fn start(folder: &Path, pace: Pace) -> Writer {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "child::write_until_killed", "--ignored", "--nocapture", "--test-threads=1"])
            .env(FOLDER, folder)
            .env(PACE, format!("{pace:?}"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        Writer { child, out, acknowledged: Vec::new(), passwords: Vec::new() }
    }

    /// Waits for so many more acknowledgements.
    pub fn wait_for(&mut self, more: usize) {
        let wanted = self.acknowledged.len() + more;
        while self.acknowledged.len() < wanted {
            let mut line = Vec::new();
            assert!(self.out.read_until(b'\n', &mut line).unwrap() > 0, "the child ended by itself");
            self.take(&line);
        }
    }

    /// Tells a child that waits for it to write one line.
    pub fn tell(&mut self) {
        let stdin = self.child.stdin.as_mut().unwrap();
        stdin.write_all(b"\n").unwrap();
        stdin.flush().unwrap();
    }

    fn take(&mut self, line: &[u8]) {
        let line = line.strip_suffix(b"\n").unwrap_or_default();
        if let Some(acknowledged) = line.strip_prefix(b"ACK ") {
            self.acknowledged.push(acknowledged.to_vec());
        } else if let Some(password) = line.strip_prefix(b"PASSWORD ") {
            let text = String::from_utf8(password.to_vec()).unwrap();
            let (request, password) = text.split_once(' ').unwrap();
            self.passwords.push((request.parse().unwrap(), password.to_owned()));
        }
    }

    /// Stops the process where it is, without its noticing, and returns once it has stopped.
    pub fn freeze(&self) {
        let pid = self.child.id();
        assert!(Command::new("kill").args(["-STOP", &pid.to_string()]).status().unwrap().success());
        let stands_still = || {
            std::fs::read_dir(format!("/proc/{pid}/task")).unwrap().all(|task| {
                let stat = std::fs::read_to_string(task.unwrap().path().join("stat")).unwrap_or_default();
                stat.rsplit(')').next().is_some_and(|rest| rest.trim_start().starts_with('T'))
            })
        };
        while !stands_still() {
            std::thread::yield_now();
        }
    }

    /// Kills the process and takes note of what it had still acknowledged.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        let mut rest = Vec::new();
        self.out.read_to_end(&mut rest).unwrap();
        // The last piece has no line break when the process was killed while it wrote it.
        for line in rest.split_inclusive(|byte| *byte == b'\n').filter(|line| line.ends_with(b"\n")) {
            self.take(line);
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Every acknowledged line is in the log, byte for byte, and the log is sound.
pub async fn all_are_there(folder: &Path, writer: &Writer) {
    let store = open(folder);
    assert_eq!(store.unsound(), None);
    let report = store.verify().unwrap();
    assert!(report.is_sound(), "{report}");
    for (request, password) in &writer.passwords {
        let kept = store.temporary_password(no(*request)).await.unwrap();
        assert!(kept.show() == password, "the password of #{request}");
    }
    store.close().unwrap();
    no_blobs(folder);
    let (lines, errors) = json(folder);
    assert_eq!(errors, "");
    for acknowledged in &writer.acknowledged {
        let number = Line::decode(acknowledged).unwrap().line as usize;
        let found = lines.get(number).map(String::as_bytes);
        assert!(found == Some(acknowledged), "line {number} of {} is lost", lines.len());
    }
}

/// The child's own part. Not a test: it only does something when one of the tests starts it.
#[test]
#[ignore = "started by other tests"]
fn write_until_killed() {
    let (Ok(folder), Ok(pace)) = (std::env::var(FOLDER), std::env::var(PACE)) else { return };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let store = open_sound(Path::new(&folder));
        let mut stdin = std::io::stdin().lock();
        say(b"");
        let mut count = 0;
        let mut last: Option<Line> = None;
        loop {
            if pace == "Told" && stdin.read_exact(&mut [0]).is_err() {
                return;
            }
            count += 1;
            let long = pace == "FullAndLong" && count % 20 == 10;
            let event = done(&"l".repeat(if long { 1_000_000 } else { count % 500 }));
            let next = match &last {
                Some(last) if count % 10 != 0 || pace == "Told" => add(&store, last, event).await,
                Some(last) => {
                    // Several lines at a time count as acknowledged together.
                    let to = Append::To { no: last.request.unwrap(), after: last.line };
                    let drafts = vec![draft("john.doe", None, event), draft("john.doe", None, finished())];
                    let lines = store.append(to, drafts).await.unwrap();
                    lines.iter().for_each(acknowledge);
                    ask(&store, "jane.doe", 1002).await
                }
                None => ask(&store, "john.doe", 1001).await,
            };
            acknowledge(&next);
            if count % 50 == 7 {
                let request = next.request.unwrap();
                let password = store.temporary_password(request).await.unwrap();
                say(format!("PASSWORD {} {}", request.0, password.show()).as_bytes());
            }
            last = Some(next);
        }
    });
}

fn acknowledge(line: &Line) {
    say(&[b"ACK ", &line.encode()[..]].concat());
}

fn say(line: &[u8]) {
    let mut out = std::io::stdout().lock();
    out.write_all(&[line, b"\n"].concat()).unwrap();
    out.flush().unwrap();
}
