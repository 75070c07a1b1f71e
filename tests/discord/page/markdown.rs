//! Discord's Markdown as HTML: what messages of a bot use of it.

use std::sync::LazyLock;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use regex::{Captures, Regex};

use crate::mentions::{Mention, mention_at};
use crate::world::World;

pub(crate) fn escape(text: &str) -> String {
    let marks = [('&', "&amp;"), ('<', "&lt;"), ('>', "&gt;"), ('"', "&quot;"), ('\'', "&#39;")];
    marks.iter().fold(text.to_owned(), |text, (mark, safe)| text.replace(*mark, safe))
}

static CODE: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?s)```(?:\S*\n)?(.*?)\n*```\n?"));
/// What means something within a line; whatever comes first wins. Marks of two letters come before those of one.
static MARKS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\\([[:punct:]])|`([^`]+)`|(<[^>]+>)|\[([^\]\n]+)\]\((https?://[^)]+)\)|(https?://[^\s<>)]+)|\*\*(\S(?:.*?\S)??)\*\*|__(.+?)__|~~(.+?)~~|\|\|(.+?)\|\||\*(\S(?:.*?\S)??)\*|\b_(.+?)_\b",
    )
});

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("the pattern is a constant, and a test reads text with it")
}

pub(crate) fn render(text: &str, world: &World) -> String {
    let (mut html, mut from) = (String::new(), 0);
    // Blocks of code first: nothing in them means anything.
    for code in CODE.captures_iter(text) {
        let whole = code.get_match();
        lines(text.get(from..whole.start()).unwrap_or_default().trim_end_matches('\n'), world, &mut html);
        html.push_str(&format!("<pre>{}</pre>", escape(&code[1])));
        from = whole.end();
    }
    lines(text.get(from..).unwrap_or_default(), world, &mut html);
    html
}

fn lines(text: &str, world: &World, html: &mut String) {
    const BLOCKS: [(&str, &str); 6] =
        [("### ", "h3"), ("## ", "h2"), ("# ", "h1"), ("-# ", "small"), ("> ", "blockquote"), ("- ", "li")];
    let mut after_block = true;
    for line in text.lines() {
        let block = BLOCKS.iter().find_map(|(mark, tag)| Some((line.trim_start().strip_prefix(mark)?, tag)));
        match block {
            Some((inner, tag)) => html.push_str(&format!("<{tag}>{}</{tag}>", inline(inner, world))),
            None => {
                html.push_str(if after_block { "" } else { "<br>" });
                html.push_str(&inline(line, world));
            }
        }
        after_block = block.is_some();
    }
}

fn inline(text: &str, world: &World) -> String {
    let (mut html, mut from) = (String::new(), 0);
    for found in MARKS.captures_iter(text) {
        let whole = found.get_match();
        html.push_str(&escape(text.get(from..whole.start()).unwrap_or_default()));
        html.push_str(&marked(&found, world));
        from = whole.end();
    }
    html + &escape(text.get(from..).unwrap_or_default())
}

fn marked(found: &Captures<'_>, world: &World) -> String {
    let around = |tag: &str, inner: &str| format!("<{tag}>{}</{tag}>", inline(inner, world));
    let part = found.iter().enumerate().skip(1).find_map(|(number, part)| Some((number, part?.as_str())));
    match part {
        Some((1, letter)) => escape(letter),
        Some((2, code)) => format!("<code>{}</code>", escape(code)),
        Some((3, special)) => chip(special, world),
        Some((4, label)) => format!("<a href=\"{}\">{}</a>", escape(&found[5]), inline(label, world)),
        Some((6, address)) => format!("<a href=\"{0}\">{0}</a>", escape(address)),
        Some((7, inner)) => around("b", inner),
        Some((8, inner)) => around("u", inner),
        Some((9, inner)) => around("s", inner),
        Some((10, inner)) => format!("<span class=\"spoiler\">{}</span>", inline(inner, world)),
        Some((_, inner)) => around("i", inner),
        None => String::new(),
    }
}

/// Mentions, times, commands and addresses in angle brackets.
fn chip(text: &str, world: &World) -> String {
    let inside = text.trim_start_matches('<').trim_end_matches('>');
    let shown = match mention_at(text) {
        Some((Mention::User(id), _)) => world.user(id).map(|user| format!("@{}", user.display_name)),
        Some((Mention::Channel(id), _)) => world.channel(id).map(|channel| format!("#{}", channel.name)),
        Some((Mention::Role(id), _)) => {
            world.guilds.values().find_map(|guild| guild.roles.get(&id)).map(|role| format!("@{}", role.name))
        }
        None => inside.split_once(':').and_then(|(kind, rest)| match kind {
            "t" => moment(rest, world.now_ms()),
            command => command.starts_with('/').then(|| command.to_owned()),
        }),
    };
    match shown {
        Some(shown) => format!("<span class=\"chip\">{}</span>", escape(&shown)),
        None => escape(text),
    }
}

fn moment(text: &str, now_ms: i64) -> Option<String> {
    let (seconds, style) = text.split_once(':').unwrap_or((text, "f"));
    let seconds: i64 = seconds.parse().ok()?;
    if style == "R" {
        return Some(relative(seconds - now_ms.div_euclid(1000)));
    }
    let format = match style {
        "t" => "%H:%M",
        "d" => "%d/%m/%Y",
        _ => "%-d %B %Y %H:%M",
    };
    Some(Timestamp::from_second(seconds).ok()?.to_zoned(TimeZone::UTC).strftime(format).to_string())
}

fn relative(seconds: i64) -> String {
    let steps = [(86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second")];
    let (length, name) = steps.into_iter().find(|it| seconds.abs() >= it.0).unwrap_or((1, "second"));
    let count = seconds.abs() / length;
    let plural = if count == 1 { "" } else { "s" };
    match seconds {
        0 => "now".to_owned(),
        ..0 => format!("{count} {name}{plural} ago"),
        _ => format!("in {count} {name}{plural}"),
    }
}

/// When a message was sent, as its line shows it.
pub(crate) fn clock_time(ms: i64) -> String {
    let moment = Timestamp::from_millisecond(ms).unwrap_or(Timestamp::UNIX_EPOCH);
    moment.to_zoned(TimeZone::UTC).strftime("%d/%m/%Y, %H:%M").to_string()
}
