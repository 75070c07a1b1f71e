//! A CONNECT proxy that lets no one out: for Discord's hosts it ends TLS itself and serves the fake, others it refuses.

use std::io::Cursor;
use std::sync::Arc;

use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::ServerConfig;
use rustls::crypto::ring::default_provider;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;

use crate::error::FakeError;
use crate::fake::Inner;
use crate::server::{PATIENCE, serve_on};

/// The hosts that the certificate speaks for.
const HOSTS: [&str; 2] = ["discord.com", "cdn.discordapp.com"];
const LONGEST_HEAD: usize = 8 << 10;

pub(crate) struct Certificate {
    pub pem: String,
    pub acceptor: TlsAcceptor,
}

pub(crate) fn certificate() -> Result<Certificate, FakeError> {
    let wrong = |error: String| FakeError::Certificate(error);
    let names = HOSTS.map(str::to_owned);
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(names).map_err(|error| wrong(error.to_string()))?;
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(signing_key.serialize_der()));
    // The provider is named, so that it does not matter what the process has installed, or whether it has two.
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .and_then(|config| config.with_no_client_auth().with_single_cert(vec![cert.der().clone()], key))
        .map_err(|error| wrong(error.to_string()))?;
    Ok(Certificate { pem: cert.pem(), acceptor: TlsAcceptor::from(Arc::new(config)) })
}

pub(crate) async fn connect(inner: Arc<Inner>, mut stream: TcpStream, acceptor: TlsAcceptor) {
    let Ok(Some((host, head))) = tokio::time::timeout(PATIENCE, wanted_host(&mut stream)).await else {
        return;
    };
    let ours = HOSTS.iter().any(|name| host == format!("{name}:443"));
    let plain = {
        let mut world = inner.world();
        *world.hosts.entry(host.clone()).or_default() += 1;
        // A client that sends everything through its proxy fetches attachments through it, too.
        let plain = host.strip_prefix("GET ").is_some_and(|url| {
            url.strip_prefix(world.base_url.as_str()).is_some_and(|path| path.starts_with('/'))
        });
        if !ours && !plain {
            world.left_loopback.push(host);
        }
        plain
    };
    inner.changed();
    if plain {
        let (reader, writer) = stream.into_split();
        return serve_on(&inner, tokio::io::join(Cursor::new(head).chain(reader), writer), false).await;
    }
    let answer: &[u8] = if ours {
        b"HTTP/1.1 200 Connection established\r\n\r\n"
    } else {
        b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n"
    };
    if stream.write_all(answer).await.is_err() || !ours {
        return;
    }
    match tokio::time::timeout(PATIENCE, acceptor.accept(stream)).await {
        Ok(Ok(stream)) => serve_on(&inner, stream, true).await,
        Ok(Err(error)) => tracing::debug!(%error, "a client did not take the certificate"),
        Err(_) => tracing::debug!("a client took too long"),
    }
}

/// The target of a CONNECT request, or what else a client believes a proxy is for; with all that was read.
async fn wanted_host(stream: &mut TcpStream) -> Option<(String, Vec<u8>)> {
    let mut head = Vec::new();
    // Byte by byte, so that nothing of what follows the head is swallowed.
    while !head.ends_with(b"\r\n\r\n") {
        if head.len() > LONGEST_HEAD {
            return None;
        }
        head.push(stream.read_u8().await.ok()?);
    }
    let text = String::from_utf8_lossy(&head);
    let mut words = text.lines().next()?.split(' ');
    let (method, target) = (words.next()?, words.next()?);
    let wanted = if method == "CONNECT" { target.to_owned() } else { format!("{method} {target}") };
    Some((wanted, head))
}
