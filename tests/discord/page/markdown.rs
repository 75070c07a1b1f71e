//! Discord's Markdown as HTML: what messages of a bot use of it.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::mentions::{Mention, mention_at};
use crate::world::Id;

/// What mentions are called, and when now is.
pub(crate) struct Names<'n> {
    pub user: &'n dyn Fn(Id) -> Option<String>,
    pub role: &'n dyn Fn(Id) -> Option<(String, u32)>,
    pub channel: &'n dyn Fn(Id) -> Option<String>,
    pub now_ms: i64,
}

pub(crate) fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}

pub(crate) fn render(text: &str, names: &Names<'_>) -> String {
    let mut html = String::new();
    let mut rest = text;
    // Blocks of code first: nothing in them means anything.
    while let Some((before, after)) = rest.split_once("```") {
        let Some((code, behind)) = after.split_once("```") else { break };
        lines(before.strip_suffix('\n').unwrap_or(before), names, &mut html);
        let code = match code.split_once('\n') {
            Some((language, code)) if !language.contains(' ') => code,
            _ => code,
        };
        html.push_str(&format!("<pre>{}</pre>", escape(code.trim_end_matches('\n'))));
        rest = behind.strip_prefix('\n').unwrap_or(behind);
    }
    lines(rest, names, &mut html);
    html
}

fn lines(text: &str, names: &Names<'_>, html: &mut String) {
    if text.is_empty() {
        return;
    }
    let mut in_list = false;
    let mut after_block = true;
    for line in text.split('\n') {
        let item = line.trim_start().strip_prefix("- ").or_else(|| line.trim_start().strip_prefix("* "));
        if in_list != item.is_some() {
            html.push_str(if in_list { "</ul>" } else { "<ul>" });
            in_list = item.is_some();
            after_block = true;
        }
        let blocks = [
            ("### ", "h3", ""),
            ("## ", "h2", ""),
            ("# ", "h1", ""),
            ("-# ", "div", " class=\"small\""),
            ("> ", "blockquote", ""),
        ];
        let block =
            blocks.iter().find_map(|(mark, tag, class)| Some((line.strip_prefix(mark)?, *tag, *class)));
        match (item, block) {
            (Some(item), _) => html.push_str(&format!("<li>{}</li>", inline(item, names))),
            (None, Some((inner, tag, class))) => {
                html.push_str(&format!("<{tag}{class}>{}</{tag}>", inline(inner, names)));
                after_block = true;
            }
            (None, None) => {
                if !after_block {
                    html.push_str("<br>");
                }
                html.push_str(&inline(line, names));
                after_block = false;
            }
        }
    }
    if in_list {
        html.push_str("</ul>");
    }
}

fn inline(text: &str, names: &Names<'_>) -> String {
    const MARKS: [(&str, &str, &str); 7] = [
        ("***", "<b><i>", "</i></b>"),
        ("**", "<b>", "</b>"),
        ("__", "<u>", "</u>"),
        ("~~", "<s>", "</s>"),
        ("||", "<span class=\"spoiler\">", "</span>"),
        ("*", "<i>", "</i>"),
        ("_", "<i>", "</i>"),
    ];
    let mut html = String::new();
    let mut rest = text;
    let mut before = ' ';
    'text: while let Some(first) = rest.chars().next() {
        if let Some(after) = rest.strip_prefix('\\')
            && let Some(next) = after.chars().next().filter(char::is_ascii_punctuation)
        {
            html.push_str(&escape(&next.to_string()));
            rest = after.strip_prefix(next).unwrap_or(after);
            before = next;
            continue;
        }
        if let Some(after) = rest.strip_prefix('`')
            && let Some((code, behind)) = after.split_once('`')
        {
            html.push_str(&format!("<code>{}</code>", escape(code)));
            rest = behind;
            before = '`';
            continue;
        }
        if first == '<'
            && let Some((chip, behind)) = special(rest, names)
        {
            html.push_str(&chip);
            rest = behind;
            before = '>';
            continue;
        }
        if let Some((link, behind)) = link(rest, names) {
            html.push_str(&link);
            rest = behind;
            before = ')';
            continue;
        }
        for (mark, open, close) in MARKS {
            // An underscore within a word is part of the word.
            if mark == "_" && before.is_alphanumeric() {
                continue;
            }
            let Some(after) = rest.strip_prefix(mark) else { continue };
            let Some((inner, behind)) = closed(after, mark) else { continue };
            html.push_str(open);
            html.push_str(&inline(inner, names));
            html.push_str(close);
            rest = behind;
            before = '*';
            continue 'text;
        }
        html.push_str(&escape(&first.to_string()));
        rest = rest.strip_prefix(first).unwrap_or_default();
        before = first;
    }
    html
}

/// What stands before the closing mark, and what follows it. Escaped marks and marks in code do not close.
fn closed<'t>(text: &'t str, mark: &str) -> Option<(&'t str, &'t str)> {
    let mut code = false;
    let mut escaped = false;
    for (at, letter) in text.char_indices() {
        let (inner, behind) = text.split_at(at);
        if !code && !escaped && !inner.is_empty() && !inner.ends_with(' ') {
            let single = mark == "_" && behind.chars().nth(1).is_some_and(char::is_alphanumeric);
            if let Some(behind) = behind.strip_prefix(mark).filter(|_| !single) {
                return Some((inner, behind));
            }
        }
        escaped = letter == '\\' && !escaped;
        code ^= letter == '`';
    }
    None
}

/// Mentions, times, emoji and addresses in angle brackets.
fn special<'t>(text: &'t str, names: &Names<'_>) -> Option<(String, &'t str)> {
    if let Some((mention, behind)) = mention_at(text) {
        let chip = match mention {
            Mention::User(id) => {
                format!("@{}", (names.user)(id).unwrap_or_else(|| "unknown-user".to_owned()))
            }
            Mention::Channel(id) => {
                format!("#{}", (names.channel)(id).unwrap_or_else(|| "unknown".to_owned()))
            }
            Mention::Role(id) => {
                let (name, colour) = (names.role)(id).unwrap_or_else(|| ("deleted-role".to_owned(), 0));
                if colour != 0 {
                    let style = format!("color:#{colour:06x};background:#{colour:06x}33");
                    return Some((
                        format!("<span class=\"chip\" style=\"{style}\">@{}</span>", escape(&name)),
                        behind,
                    ));
                }
                format!("@{name}")
            }
        };
        return Some((format!("<span class=\"chip\">{}</span>", escape(&chip)), behind));
    }
    let (inside, behind) = text.strip_prefix('<')?.split_once('>')?;
    if let Some(time) = inside.strip_prefix("t:") {
        let (seconds, style) = time.split_once(':').unwrap_or((time, "f"));
        let shown = moment(seconds.parse().ok()?, style, names.now_ms)?;
        return Some((format!("<span class=\"stamp\">{}</span>", escape(&shown)), behind));
    }
    if let Some(command) = inside.strip_prefix('/') {
        let (name, id) = command.split_once(':')?;
        id.parse::<Id>().ok()?;
        return Some((format!("<span class=\"chip\">/{}</span>", escape(name)), behind));
    }
    if inside.starts_with("https://") || inside.starts_with("http://") {
        return Some((anchor(inside, inside), behind));
    }
    let name = inside.strip_prefix(':').or_else(|| inside.strip_prefix("a:"))?;
    Some((escape(&format!(":{}:", name.split(':').next()?)), behind))
}

fn anchor(shown: &str, address: &str) -> String {
    format!("<a href=\"{}\">{}</a>", escape(address), escape(shown))
}

/// `[text](address)` and bare addresses.
fn link<'t>(text: &'t str, names: &Names<'_>) -> Option<(String, &'t str)> {
    if let Some(after) = text.strip_prefix('[') {
        let (label, rest) = after.split_once("](")?;
        let (address, behind) = rest.split_once(')')?;
        let address = address.trim_start_matches('<').trim_end_matches('>');
        if !(address.starts_with("https://") || address.starts_with("http://")) || label.contains('\n') {
            return None;
        }
        let inner = inline(label, names);
        return Some((format!("<a href=\"{}\">{inner}</a>", escape(address)), behind));
    }
    if text.starts_with("https://") || text.starts_with("http://") {
        let end = text.find(|it: char| it.is_whitespace() || "<>)".contains(it)).unwrap_or(text.len());
        let (address, behind) = text.split_at(end);
        return Some((anchor(address, address), behind));
    }
    None
}

fn moment(seconds: i64, style: &str, now_ms: i64) -> Option<String> {
    if style == "R" {
        return Some(relative(seconds - now_ms.div_euclid(1000)));
    }
    let format = match style {
        "t" => "%H:%M",
        "T" => "%H:%M:%S",
        "d" => "%d/%m/%Y",
        "D" => "%-d %B %Y",
        "F" => "%A, %-d %B %Y %H:%M",
        _ => "%-d %B %Y %H:%M",
    };
    Some(Timestamp::from_second(seconds).ok()?.to_zoned(TimeZone::UTC).strftime(format).to_string())
}

fn relative(seconds: i64) -> String {
    let steps = [
        (31_536_000, "year"),
        (2_592_000, "month"),
        (86_400, "day"),
        (3_600, "hour"),
        (60, "minute"),
        (1, "second"),
    ];
    let size = seconds.abs();
    let (length, name) = steps.into_iter().find(|(length, _)| size >= *length).unwrap_or((1, "second"));
    let count = size / length;
    let plural = if count == 1 { "" } else { "s" };
    if seconds < 0 { format!("{count} {name}{plural} ago") } else { format!("in {count} {name}{plural}") }
}

/// When a message was sent, as its line shows it.
pub(crate) fn clock_time(ms: i64) -> String {
    let moment = Timestamp::from_millisecond(ms).unwrap_or(Timestamp::UNIX_EPOCH);
    moment.to_zoned(TimeZone::UTC).strftime("%d/%m/%Y, %H:%M").to_string()
}

/// The time under an embed.
pub(crate) fn stamp(text: &str) -> Option<String> {
    Some(text.parse::<Timestamp>().ok()?.to_zoned(TimeZone::UTC).strftime("%d/%m/%Y %H:%M").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_becomes_what_discord_shows() {
        let names = Names {
            user: &|id| (id == 1).then(|| "Ann <b>".to_owned()),
            role: &|id| (id == 2).then(|| ("agents".to_owned(), 0)),
            channel: &|_| None,
            now_ms: 1_000_000,
        };
        for (text, html) in [
            ("a **b** *c* __d__ ~~e~~", "a <b>b</b> <i>c</i> <u>d</u> <s>e</s>"),
            ("snake_case_name and 2 * 3 * 4", "snake_case_name and 2 * 3 * 4"),
            ("_so_", "<i>so</i>"),
            (r"\*not\* <script>", "*not* &lt;script&gt;"),
            ("`**code**`", "<code>**code**</code>"),
            ("```json\n{\"a\":1}\n```", "<pre>{&quot;a&quot;:1}</pre>"),
            (
                "<@1> <@&2> <#3>",
                "<span class=\"chip\">@Ann &lt;b&gt;</span> <span class=\"chip\">@agents</span> <span class=\"chip\">#unknown</span>",
            ),
            (
                "<t:1300:R>, <t:940:R>",
                "<span class=\"stamp\">in 5 minutes</span>, <span class=\"stamp\">1 minute ago</span>",
            ),
            ("||secret||", "<span class=\"spoiler\">secret</span>"),
            ("[guide](https://example.org/?a&b)", "<a href=\"https://example.org/?a&amp;b\">guide</a>"),
            ("[no](javascript:x)", "[no](javascript:x)"),
            ("a\nb\n- c\n- d\ne", "a<br>b<ul><li>c</li><li>d</li></ul>e"),
            ("# Head\nbody", "<h1>Head</h1>body"),
            ("**half", "**half"),
        ] {
            assert_eq!(render(text, &names), html, "{text}");
        }
    }
}
