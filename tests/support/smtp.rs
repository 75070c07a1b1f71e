//! A strict mail server for tests (RFC 5321): TLS, authentication, line ends, dot-stuffing, and faults at every phase.
//!
//! What a client does wrong is kept and fails the test that asks for the mail.

use std::collections::{BTreeMap, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustls::ServerConfig;
use rustls::crypto::ring::default_provider;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, BufReader};
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio_rustls::TlsAcceptor;

pub const USER: &str = "desk@example.org";
pub const PASSWORD: &str = "correct horse battery staple";

/// The longest line and message that the server takes, in bytes.
const LINE_MAX: usize = 1000;
const SIZE_MAX: usize = 100_000;

/// How far a client has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    Connected,
    Hello,
    Encrypting,
    LoggingIn,
    Sender,
    Recipient,
    /// The command, before the server says that it waits for the message.
    Data,
    /// The server said that it waits for the message, and has read the first line of it.
    Message,
    /// The whole message was read.
    End,
}

pub const PHASES: [Phase; 9] = [
    Phase::Connected,
    Phase::Hello,
    Phase::Encrypting,
    Phase::LoggingIn,
    Phase::Sender,
    Phase::Recipient,
    Phase::Data,
    Phase::Message,
    Phase::End,
];

/// What goes wrong in one connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The line drops instead of an answer.
    Drops(Phase),
    /// Nothing is answered any more.
    Silent(Phase),
    /// This is answered.
    Says(Phase, &'static str),
    /// The message is taken, and the line drops before the client hears of it.
    TakesAndDrops,
    /// The message is taken, and the client never hears of it.
    TakesAndIsSilent,
    /// No encryption is offered.
    Bare,
}

/// How the server is set up.
#[derive(Clone, Copy, Debug)]
pub struct Setup {
    pub implicit_tls: bool,
    /// The mechanisms that are offered.
    pub auth: &'static str,
    /// The name in the certificate.
    pub certified_for: &'static str,
}

impl Default for Setup {
    fn default() -> Setup {
        Setup { implicit_tls: false, auth: "PLAIN LOGIN", certified_for: "localhost" }
    }
}

/// A message that arrived.
#[derive(Clone, Debug)]
pub struct Arrived {
    pub to: Vec<String>,
    pub text: String,
}

impl Arrived {
    /// A header on one line, by its name.
    pub fn header(&self, name: &str) -> String {
        let head = self.text.split("\r\n\r\n").next().unwrap().replace("\r\n ", " ");
        let found = head.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")));
        found.unwrap_or_else(|| panic!("no {name} in {head}")).to_owned()
    }
}

#[derive(Default)]
struct World {
    faults: VecDeque<Fault>,
    /// What every connection meets for which there is no other fault.
    always: Option<Fault>,
    arrived: Vec<Arrived>,
    /// Recipients that are not taken, and what is answered.
    refused: BTreeMap<String, &'static str>,
    /// The access tokens that are taken (XOAUTH2), and what is answered to others.
    tokens: Vec<String>,
    wrong_token: Option<&'static str>,
    /// The tokens that came, in order.
    tokens_seen: Vec<String>,
    wrong: Vec<String>,
    reached: BTreeMap<Phase, usize>,
    connections: usize,
}

struct Shared {
    world: Mutex<World>,
    moved: Notify,
    acceptor: TlsAcceptor,
    setup: Setup,
}

/// A mail server that serves until it is dropped.
pub struct Smtp {
    pub port: u16,
    pub certificate: String,
    shared: Arc<Shared>,
    serving: tokio::task::JoinHandle<()>,
}

impl Drop for Smtp {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Smtp {
    pub async fn open(setup: Setup) -> Smtp {
        let made = rcgen::generate_simple_self_signed([setup.certified_for.to_owned()]).unwrap();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
        let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![CertificateDer::from(made.cert.der().to_vec())], key)
            .unwrap();
        let shared = Arc::new(Shared {
            world: Mutex::default(),
            moved: Notify::new(),
            acceptor: TlsAcceptor::from(Arc::new(config)),
            setup,
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let served = shared.clone();
        let serving = tokio::spawn(async move {
            let mut sessions = tokio::task::JoinSet::new();
            loop {
                tokio::select! {
                    accepted = listener.accept() => {
                        let (stream, _) = accepted.unwrap();
                        stream.set_nodelay(true).unwrap();
                        let shared = served.clone();
                        let fault = {
                            let mut world = shared.world.lock().unwrap();
                            world.connections += 1;
                            world.faults.pop_front().or(world.always)
                        };
                        sessions.spawn(async move {
                            let mut session = Session { shared, fault, secure: false, user: false, from: None, to: Vec::new() };
                            let _ = session.serve(Box::new(stream)).await;
                        });
                    }
                    Some(ended) = sessions.join_next() => ended.unwrap(),
                }
            }
        });
        Smtp { port, certificate: made.cert.pem(), shared, serving }
    }

    /// The next connections meet these, one each.
    pub fn meet(&self, faults: impl IntoIterator<Item = Fault>) {
        self.shared.world.lock().unwrap().faults.extend(faults);
    }

    /// Every connection meets this, or none.
    pub fn always(&self, fault: Option<Fault>) {
        self.shared.world.lock().unwrap().always = fault;
    }

    /// What arrived; fails when a client broke the protocol.
    pub fn arrived(&self) -> Vec<Arrived> {
        let world = self.shared.world.lock().unwrap();
        assert!(world.wrong.is_empty(), "{:?}", world.wrong);
        world.arrived.clone()
    }

    /// This recipient is not taken from now on, whatever else a connection meets.
    pub fn refuse(&self, address: &str, answer: &'static str) {
        self.shared.world.lock().unwrap().refused.insert(address.to_owned(), answer);
    }

    /// These access tokens are taken from now on, and no others.
    pub fn take_tokens(&self, tokens: &[&str]) {
        self.shared.world.lock().unwrap().tokens = tokens.iter().map(|token| (*token).to_owned()).collect();
    }

    /// What is answered to a token that is not taken, in place of 535.
    pub fn answer_wrong_tokens(&self, answer: &'static str) {
        self.shared.world.lock().unwrap().wrong_token = Some(answer);
    }

    /// The access tokens that clients came with, in order.
    pub fn tokens_seen(&self) -> Vec<String> {
        self.shared.world.lock().unwrap().tokens_seen.clone()
    }

    pub fn connections(&self) -> usize {
        self.shared.world.lock().unwrap().connections
    }

    /// Waits until so many clients have come so far.
    pub async fn reached(&self, phase: Phase, times: usize) {
        super::support::in_time(async {
            loop {
                let moved = self.shared.moved.notified();
                tokio::pin!(moved);
                moved.as_mut().enable();
                if self.shared.world.lock().unwrap().reached.get(&phase).is_some_and(|n| *n >= times) {
                    return;
                }
                moved.await;
            }
        })
        .await;
    }

    /// Writes the certificate and the password into a folder, for the desk to read.
    pub fn files(&self, folder: &Path) -> (PathBuf, PathBuf) {
        let (certificate, password) = (folder.join("mail-ca.pem"), folder.join("mail-password"));
        std::fs::write(&certificate, &self.certificate).unwrap();
        super::support::write_secret(&password, &format!("{PASSWORD}\n"));
        (certificate, password)
    }
}

trait Line: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Line for T {}
type Stream = BufReader<Box<dyn Line>>;

/// The session is over, for whatever reason.
struct Over;

impl From<std::io::Error> for Over {
    fn from(_: std::io::Error) -> Over {
        Over
    }
}

struct Session {
    shared: Arc<Shared>,
    fault: Option<Fault>,
    secure: bool,
    user: bool,
    from: Option<String>,
    to: Vec<String>,
}

impl Session {
    async fn serve(&mut self, line: Box<dyn Line>) -> Result<(), Over> {
        let mut stream = BufReader::new(line);
        if self.shared.setup.implicit_tls {
            stream = self.encrypt(stream).await?;
        }
        self.answer(&mut stream, Phase::Connected, "220 mail.example.org ESMTP").await?;
        loop {
            let line = self.line(&mut stream).await?;
            let (verb, rest) = line.split_once(' ').unwrap_or((&line, ""));
            match verb.to_ascii_uppercase().as_str() {
                "EHLO" => {
                    let mut offers = vec![
                        "mail.example.org".to_owned(),
                        format!("SIZE {SIZE_MAX}"),
                        "8BITMIME".to_owned(),
                    ];
                    if !self.secure && self.fault != Some(Fault::Bare) {
                        offers.push("STARTTLS".to_owned());
                    }
                    if self.secure {
                        offers.push(format!("AUTH {}", self.shared.setup.auth));
                    }
                    let last = offers.len() - 1;
                    let lines: Vec<String> = offers
                        .iter()
                        .enumerate()
                        .map(|(i, offer)| format!("250{}{offer}", if i == last { ' ' } else { '-' }))
                        .collect();
                    self.answer(&mut stream, Phase::Hello, &lines.join("\r\n")).await?;
                }
                "STARTTLS" if !self.secure => {
                    self.answer(&mut stream, Phase::Encrypting, "220 go ahead").await?;
                    if !stream.buffer().is_empty() {
                        self.wrong("something was said in clear after STARTTLS");
                    }
                    stream = self.encrypt(stream).await?;
                }
                "AUTH" => self.log_in(&mut stream, rest).await?,
                "MAIL" => {
                    if !self.user {
                        self.wrong("mail without a login");
                    }
                    self.from = Some(rest.to_owned());
                    self.answer(&mut stream, Phase::Sender, "250 2.1.0 sender is fine").await?;
                }
                "RCPT" if self.from.is_some() => {
                    let address = rest
                        .split_once('<')
                        .and_then(|(_, rest)| rest.split_once('>'))
                        .map(|(address, _)| address);
                    match address {
                        Some(address) => self.to.push(address.to_owned()),
                        None => self.wrong(&format!("no recipient in {rest}")),
                    }
                    let refused =
                        address.and_then(|to| self.shared.world.lock().unwrap().refused.get(to).copied());
                    if refused.is_some() {
                        self.to.pop();
                    }
                    let said = refused.unwrap_or("250 2.1.5 recipient is fine");
                    self.answer(&mut stream, Phase::Recipient, said).await?;
                }
                "DATA" if !self.to.is_empty() => {
                    self.answer(&mut stream, Phase::Data, "354 end with a dot").await?;
                    self.message(&mut stream).await?;
                }
                "QUIT" => {
                    self.say(&mut stream, "221 bye").await?;
                    return Ok(());
                }
                _ => {
                    self.wrong(&format!("{line} is out of place"));
                    self.say(&mut stream, "503 out of place").await?;
                }
            }
        }
    }

    async fn message(&mut self, stream: &mut Stream) -> Result<(), Over> {
        let mut text = String::new();
        loop {
            let line = self.line(stream).await?;
            if text.is_empty() {
                self.come_to(Phase::Message).await?;
            }
            if line == "." {
                break;
            }
            let line = match line.strip_prefix('.') {
                Some(rest) if rest.starts_with('.') => rest,
                Some(_) => {
                    self.wrong("a dot at the beginning of a line was not doubled");
                    &line
                }
                None => &line,
            };
            text.push_str(line);
            text.push_str("\r\n");
        }
        if text.len() > SIZE_MAX {
            self.wrong("the message is larger than the server takes");
        }
        let fault = self.fault;
        if !matches!(
            fault,
            Some(Fault::Drops(Phase::End) | Fault::Silent(Phase::End) | Fault::Says(Phase::End, _))
        ) {
            let arrived = Arrived { to: std::mem::take(&mut self.to), text };
            self.shared.world.lock().unwrap().arrived.push(arrived);
        }
        self.from = None;
        self.answer(stream, Phase::End, "250 2.0.0 taken").await
    }

    async fn log_in(&mut self, stream: &mut Stream, rest: &str) -> Result<(), Over> {
        let decoded = |text: &str| {
            STANDARD.decode(text).ok().and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default()
        };
        if !self.secure {
            self.wrong("a password in clear");
        }
        let (mechanism, first) = rest.split_once(' ').unwrap_or((rest, ""));
        if !self.shared.setup.auth.contains(mechanism) {
            self.wrong(&format!("{mechanism} was not offered"));
        }
        let known = match mechanism {
            "PLAIN" => decoded(first) == format!("\0{USER}\0{PASSWORD}"),
            "XOAUTH2" => {
                let (said, wrong) = (decoded(first), self.shared.world.lock().unwrap().wrong_token);
                let token = said
                    .strip_prefix(&format!("user={USER}\u{1}auth=Bearer "))
                    .and_then(|rest| rest.strip_suffix("\u{1}\u{1}"))
                    .map(str::to_owned);
                let Some(token) = token else {
                    self.wrong("XOAUTH2 is not as Google and Microsoft describe it");
                    return Err(Over);
                };
                let known = {
                    let mut world = self.shared.world.lock().unwrap();
                    world.tokens_seen.push(token.clone());
                    world.tokens.contains(&token)
                };
                if let Some(wrong) = wrong.filter(|_| !known) {
                    return self.answer(stream, Phase::LoggingIn, wrong).await;
                }
                known
            }
            _ => {
                self.say(stream, &format!("334 {}", STANDARD.encode("Username:"))).await?;
                let user = decoded(&self.line(stream).await?);
                self.say(stream, &format!("334 {}", STANDARD.encode("Password:"))).await?;
                let password = decoded(&self.line(stream).await?);
                user == USER && password == PASSWORD
            }
        };
        self.user = known;
        let said = if known { "235 2.7.0 come in" } else { "535 5.7.8 wrong user or password" };
        self.answer(stream, Phase::LoggingIn, said).await
    }

    async fn encrypt(&mut self, stream: Stream) -> Result<Stream, Over> {
        let encrypted = self.shared.acceptor.accept(stream.into_inner()).await?;
        self.secure = true;
        Ok(BufReader::new(Box::new(encrypted)))
    }

    /// Notes that a client came so far, and does what goes wrong there.
    async fn come_to(&mut self, phase: Phase) -> Result<(), Over> {
        *self.shared.world.lock().unwrap().reached.entry(phase).or_default() += 1;
        self.shared.moved.notify_waiters();
        match self.fault {
            Some(Fault::Drops(at)) if at == phase => Err(Over),
            Some(Fault::TakesAndDrops) if phase == Phase::End => Err(Over),
            Some(Fault::Silent(at)) if at == phase => std::future::pending().await,
            Some(Fault::TakesAndIsSilent) if phase == Phase::End => std::future::pending().await,
            _ => Ok(()),
        }
    }

    async fn answer(&mut self, stream: &mut Stream, phase: Phase, message: &str) -> Result<(), Over> {
        self.come_to(phase).await?;
        match self.fault {
            Some(Fault::Says(at, other)) if at == phase => self.say(stream, other).await,
            _ => self.say(stream, message).await,
        }
    }

    async fn say(&self, stream: &mut Stream, message: &str) -> Result<(), Over> {
        stream.write_all(format!("{message}\r\n").as_bytes()).await?;
        stream.flush().await?;
        Ok(())
    }

    /// A line without its end, which must be CR and LF.
    async fn line(&self, stream: &mut Stream) -> Result<String, Over> {
        let mut line = Vec::new();
        loop {
            let byte = stream.read_u8().await?;
            line.push(byte);
            if byte == b'\n' || line.len() > LINE_MAX {
                break;
            }
        }
        let Some(whole) = line.strip_suffix(b"\r\n").filter(|line| !line.contains(&b'\r')) else {
            self.wrong(&format!(
                "a line is too long or ends in something else than CR and LF: {:?}",
                String::from_utf8_lossy(&line)
            ));
            return Err(Over);
        };
        Ok(String::from_utf8_lossy(whole).into_owned())
    }

    fn wrong(&self, what: &str) {
        self.shared.world.lock().unwrap().wrong.push(what.to_owned());
    }
}
