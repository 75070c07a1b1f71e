//! Reads multipart forms (RFC 7578) as HTTP libraries write them.

use bytes::Bytes;

pub(crate) struct Part {
    pub name: String,
    pub filename: Option<String>,
    pub content_type: Option<String>,
    pub bytes: Bytes,
}

/// The boundary in what follows `multipart/form-data`.
pub(crate) fn boundary(parameters: &str) -> Option<String> {
    let found = parameters.split(';').find_map(|parameter| parameter.trim().strip_prefix("boundary="))?;
    Some(found.trim_matches('"').to_owned())
}

/// The parts, or nothing if the body is no such form.
pub(crate) fn parts(body: &Bytes, boundary: &str) -> Option<Vec<Part>> {
    let line = format!("--{boundary}");
    let between = format!("\r\n{line}");
    let mut from = find(body, line.as_bytes(), 0)? + line.len();
    let mut read = Vec::new();
    loop {
        if body.get(from..from + 2)? == b"--" {
            return Some(read);
        }
        let head = from + 2;
        let blank = find(body, b"\r\n\r\n", from)?;
        let end = find(body, between.as_bytes(), blank + 2)?;
        let text = std::str::from_utf8(body.get(head..blank.max(head))?).ok()?;
        read.push(part(text, body.slice((blank + 4).min(end)..end))?);
        from = end + between.len();
    }
}

fn part(head: &str, bytes: Bytes) -> Option<Part> {
    let header = |name: &str| {
        head.split("\r\n").find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.trim().eq_ignore_ascii_case(name).then(|| value.trim())
        })
    };
    let disposition = header("content-disposition")?;
    Some(Part {
        name: parameter(disposition, "name")?,
        filename: parameter(disposition, "filename").or_else(|| extended(disposition)),
        content_type: header("content-type").map(str::to_owned),
        bytes,
    })
}

/// A parameter in quotes, in which a backslash takes the next character as it is.
fn parameter(disposition: &str, name: &str) -> Option<String> {
    let start = format!("; {name}=\"");
    let at = disposition.find(&start)? + start.len();
    let mut value = String::new();
    let mut rest = disposition.get(at..)?.chars();
    loop {
        match rest.next()? {
            '"' => return Some(unescape(&value)),
            '\\' => value.push(rest.next()?),
            other => value.push(other),
        }
    }
}

/// `filename*=utf-8''name`, as some libraries write names outside ASCII.
fn extended(disposition: &str) -> Option<String> {
    let (_, rest) = disposition.split_once("filename*=")?;
    let value = rest.split(';').next()?.trim();
    let (_, name) = value.split_once("''")?;
    Some(unescape(name))
}

/// Undoes the per cent escapes that browsers and reqwest put into names.
fn unescape(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let escaped = (*first == b'%').then(|| after.get(..2)).flatten();
        let value = escaped.and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok());
        bytes.push(value.unwrap_or(*first));
        rest = if value.is_some() { after.get(2..).unwrap_or_default() } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn find(body: &[u8], wanted: &[u8], from: usize) -> Option<usize> {
    let rest = body.get(from..)?;
    rest.windows(wanted.len()).position(|window| window == wanted).map(|at| at + from)
}
