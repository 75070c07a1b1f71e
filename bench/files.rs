//! Files that people bring: a workbook of a thousand users beside the same as CSV, and the largest CCP log beside counting its lines.

use std::fmt::Write as _;
use std::io::{Cursor, Write};
use std::time::{Duration, Instant};

use desk_core::basics::problem::Problem;
use desk_core::formats::ccplog;
use desk_core::formats::sheet;
use zip::write::{SimpleFileOptions, ZipWriter};

use crate::{median, ms, resident_mb};

/// The bars of the issue; only what is read counts here, `bulk` verifies.
const READ_MAY_TAKE: Duration = Duration::from_millis(100);
const LOG_MAY_TAKE: Duration = Duration::from_secs(1);
const MAY_KEEP_MB: f64 = 20.0;

const LOG_BYTES: usize = 50 * 1024 * 1024 - 1024;

pub fn run(out: &mut dyn Write, quick: bool) -> Result<bool, Problem> {
    let rounds = if quick { 3 } else { 21 };
    let csv = csv(1_000);
    let book = workbook(&csv)?;
    let read = |bytes: &[u8]| -> Result<Duration, Problem> {
        let mut times = (0..rounds)
            .map(|_| {
                let began = Instant::now();
                std::hint::black_box(sheet::read(bytes)?);
                Ok(began.elapsed())
            })
            .collect::<Result<Vec<_>, Problem>>()?;
        Ok(median(&mut times))
    };
    let plain = read(csv.as_bytes())?;
    let before = resident_mb();
    let took = read(&book)?;
    let grew = before.zip(resident_mb()).map_or(0.0, |(before, after)| after - before);
    let holds = took < READ_MAY_TAKE && plain < READ_MAY_TAKE && grew < MAY_KEEP_MB;
    line(
        out,
        &format!(
            "read a workbook of 1000 rows (median): {}, {:.1} times the same as CSV ({})",
            ms(took),
            ratio(took, plain),
            ms(plain)
        ),
        &format!("below 100 ms; memory {grew:+.1} MB"),
        holds,
    )?;

    let rounds = if quick { 1 } else { 5 };
    let mut sound = holds;
    for (what, entry) in [("a log of one line", one_line()), ("a log as it is downloaded", indented())] {
        let log = entry.repeat(LOG_BYTES / entry.len());
        let mut count = (0..rounds)
            .map(|_| {
                let began = Instant::now();
                std::hint::black_box(log.bytes().filter(|byte| *byte == b'\n').count());
                began.elapsed()
            })
            .collect::<Vec<_>>();
        let counted = median(&mut count);
        let before = resident_mb();
        let mut times = Vec::new();
        for _ in 0..rounds {
            let began = Instant::now();
            let mut reader = ccplog::Reader::new();
            reader.push(b"[")?;
            for piece in log.as_bytes().chunks(64 * 1024) {
                reader.push(piece)?;
            }
            std::hint::black_box(reader.finish()?);
            times.push(began.elapsed());
        }
        let took = median(&mut times);
        let grew = before.zip(resident_mb()).map_or(0.0, |(before, after)| after - before);
        let holds = took < LOG_MAY_TAKE && grew < MAY_KEEP_MB;
        sound &= holds;
        line(
            out,
            &format!(
                "read {what} of 50 MB: {}, {:.1} times counting its lines ({})",
                ms(took),
                ratio(took, counted),
                ms(counted)
            ),
            &format!("below 1 s and 20 MB; memory {grew:+.1} MB"),
            holds,
        )?;
    }
    Ok(sound)
}

fn ratio(took: Duration, baseline: Duration) -> f64 {
    took.as_secs_f64() / baseline.as_secs_f64().max(1e-9)
}

fn line(out: &mut dyn Write, what: &str, bar: &str, holds: bool) -> Result<(), Problem> {
    writeln!(out, "files    {what} ({bar}){}", if holds { "" } else { "  MISSED" })
        .map_err(|error| Problem::operator("bench", format!("Nothing can be printed ({error}).")))
}

fn csv(users: u32) -> String {
    let mut file = "first name,last name,email address,password,user login,routing profile name,security_profile_name_1,phone type (soft/desk),\
                    phone number,soft phone auto accept (yes/no),ACW timeout (seconds),mobile,tags\r\n"
        .to_owned();
    for number in 0..users {
        // Writing to a text does not fail.
        let _ = write!(
            file,
            "Zoë,Number {number},new{number}@example.com,,new.{number:05},Basic Routing Profile,Agent,soft,,no,300,+12025550123,team:east\r\n"
        );
    }
    file
}

fn workbook(csv: &str) -> Result<Vec<u8>, Problem> {
    const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    const LINKS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    const PARTS: &str = "http://schemas.openxmlformats.org/package/2006/relationships";
    let mut rows = String::new();
    for line in csv.lines() {
        rows.push_str("<row>");
        for cell in line.split(',') {
            let _ = write!(rows, "<c t=\"inlineStr\"><is><t>{cell}</t></is></c>");
        }
        rows.push_str("</row>");
    }
    let parts = [
        (
            "_rels/.rels",
            format!(
                "<Relationships xmlns=\"{PARTS}\"><Relationship Id=\"r\" Type=\"{LINKS}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
            ),
        ),
        (
            "xl/workbook.xml",
            format!(
                "<workbook xmlns=\"{MAIN}\" xmlns:r=\"{LINKS}\"><sheets><sheet name=\"Users\" sheetId=\"1\" r:id=\"s\"/></sheets></workbook>"
            ),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            format!(
                "<Relationships xmlns=\"{PARTS}\"><Relationship Id=\"s\" Type=\"{LINKS}/worksheet\" Target=\"worksheets/sheet1.xml\"/></Relationships>"
            ),
        ),
        (
            "xl/worksheets/sheet1.xml",
            format!("<worksheet xmlns=\"{MAIN}\"><sheetData>{rows}</sheetData></worksheet>"),
        ),
    ];
    let failed = |error: String| Problem::operator("bench", format!("The workbook can't be made ({error})."));
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in parts {
        archive.start_file(name, SimpleFileOptions::default()).map_err(|error| failed(error.to_string()))?;
        archive.write_all(text.as_bytes()).map_err(|error| failed(error.to_string()))?;
    }
    Ok(archive.finish().map_err(|error| failed(error.to_string()))?.into_inner())
}

fn entry() -> serde_json::Value {
    serde_json::json!({
        "component": "ccp", "level": "TRACE", "text": "GET_AGENT_SNAPSHOT succeeded. ", "time": "2026-11-20T08:14:07.000Z",
        "exception": null,
        "objects": [{ "snapshot": {
            "state": { "type": "routable", "name": "Available" },
            "contacts": [{ "contactId": "c", "type": "voice", "state": { "type": "connected" }, "connections": [{
                "connectionId": "c-agent", "type": "agent", "initial": false,
                "softphoneMediaInfo": { "callType": "audio_only", "autoAccept": true,
                    "callConfigJson": "{\"iceServers\":[{\"urls\":[\"turn:x.example.:3478\"],\"username\":\"1:relay\"}]}" } }] }],
            "skew": 12 } }],
        "line": 4, "loggerId": "1-x",
    })
}

fn one_line() -> String {
    format!("{},", entry())
}

fn indented() -> String {
    format!("{},\n", serde_json::to_string_pretty(&entry()).unwrap_or_default())
}
