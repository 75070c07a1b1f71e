//! Hours of operation: the week as it is set, the overrides of it, and what holds on a date.

use std::fmt;
use std::str::FromStr;

use async_trait::async_trait;
use jiff::ToSpan as _;
use jiff::civil::{Date, DateTime, Weekday};
use serde::{Deserialize, Serialize};

use crate::basics::hours::{DAY, DAYS, minute, minutes};
use crate::basics::problem::Problem;
use crate::basics::text::code;

/// The most overrides that hours of operation have.
pub const OVERRIDES_MAX: usize = 50;

/// `Mon`.
pub fn day_word(day: Weekday) -> &'static str {
    DAYS.iter().find(|(_, other)| *other == day).map_or("", |(word, _)| word)
}

/// A stretch of one day, in minutes from its beginning; the end is not included and is at most the end of the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    pub from: u16,
    pub to: u16,
}

impl Span {
    pub const WHOLE_DAY: Span = Span { from: 0, to: DAY };

    /// None for a stretch that ends before it begins.
    pub fn new(from: u16, to: u16) -> Option<Span> {
        (from < to && to <= DAY).then_some(Span { from, to })
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = |minute: u16| format!("{:02}:{:02}", minute / 60, minute % 60);
        write!(f, "{}-{}", at(self.from), at(self.to))
    }
}

impl FromStr for Span {
    type Err = String;

    fn from_str(text: &str) -> Result<Span, String> {
        let wrong = || format!("{} isn't a time range", code(text));
        let (from, to) = text.split_once('-').ok_or_else(wrong)?;
        let (from, to) = (minute(from).ok_or_else(wrong)?, minute(to).ok_or_else(wrong)?);
        Span::new(from, to).ok_or_else(wrong)
    }
}

/// Stretches as people read them: `08:00-12:00 and 13:00-17:00`, or `closed`.
pub fn spans(open: &[Span]) -> String {
    match open {
        [] => "closed".to_owned(),
        [Span::WHOLE_DAY] => "open all day".to_owned(),
        some => some.iter().map(Span::to_string).collect::<Vec<_>>().join(", "),
    }
}

/// Stretches without those of another list.
pub fn without(open: &[Span], closed: &[Span]) -> Vec<Span> {
    let mut left = united(open);
    for cut in closed {
        left = left
            .into_iter()
            .flat_map(|span| {
                let before = Span::new(span.from, span.to.min(cut.from));
                let after = Span::new(span.from.max(cut.to), span.to);
                [before, after].into_iter().flatten()
            })
            .collect();
    }
    left
}

/// Stretches in order, those that touch as one.
fn united(all: &[Span]) -> Vec<Span> {
    let mut sorted = all.to_vec();
    sorted.sort_unstable();
    let mut out: Vec<Span> = Vec::new();
    for span in sorted {
        match out.last_mut() {
            Some(last) if span.from <= last.to => last.to = last.to.max(span.to),
            _ => out.push(span),
        }
    }
    out
}

/// Hours of operation, without their overrides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HoursOfOperation {
    pub id: String,
    pub name: String,
    pub description: Option<String>,
    /// The name of the time zone by whose clocks they hold.
    pub time_zone: String,
    /// When it is open, week after week.
    pub week: Vec<(Weekday, Span)>,
}

impl HoursOfOperation {
    /// When the week has it open on this day.
    pub fn on(&self, day: Weekday) -> Vec<Span> {
        let spans: Vec<Span> =
            self.week.iter().filter(|(other, _)| *other == day).map(|(_, span)| *span).collect();
        united(&spans)
    }

    /// The week in a line: `Mon-Fri 08:00-18:00, Sat 09:00-12:00`.
    pub fn in_words(&self) -> String {
        let days: Vec<(&str, String)> = DAYS.map(|(word, day)| (word, spans(&self.on(day)))).to_vec();
        let mut said: Vec<String> = Vec::new();
        let mut at = 0;
        while let Some((first, open)) = days.get(at) {
            let same = days.iter().skip(at).take_while(|(_, other)| other == open).count();
            let last = days.get(at + same - 1).map_or(*first, |(word, _)| word);
            at += same;
            if open != "closed" {
                let which = if first == &last { (*first).to_owned() } else { format!("{first}-{last}") };
                said.push(format!("{which} {open}"));
            }
        }
        if said.is_empty() { "never open".to_owned() } else { said.join("; ") }
    }
}

/// What an override does to the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OverrideKind {
    /// Temporary hours: they replace the week's.
    Standard,
    /// Open in these stretches, too.
    Open,
    /// Closed in these stretches, whatever else holds.
    Closed,
}

/// A stretch of an override: on one day of the week or on all, for some hours or the whole day. Written as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct OverrideSlot {
    pub day: Option<Weekday>,
    pub hours: Option<Span>,
}

impl fmt::Display for OverrideSlot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.day, self.hours) {
            (Some(day), Some(hours)) => write!(f, "{} {hours}", day_word(day)),
            (Some(day), None) => f.write_str(day_word(day)),
            (None, Some(hours)) => write!(f, "{hours}"),
            (None, None) => f.write_str("all day"),
        }
    }
}

impl From<OverrideSlot> for String {
    fn from(slot: OverrideSlot) -> String {
        slot.to_string()
    }
}

impl TryFrom<String> for OverrideSlot {
    type Error = String;

    fn try_from(text: String) -> Result<OverrideSlot, String> {
        if text == "all day" {
            return Ok(OverrideSlot { day: None, hours: None });
        }
        let day = |word: &str| DAYS.iter().find(|(known, _)| *known == word).map(|(_, day)| *day);
        match text.split_once(' ') {
            Some((word, hours)) => {
                let day = day(word).ok_or_else(|| format!("{} isn't a day", code(word)))?;
                Ok(OverrideSlot { day: Some(day), hours: Some(hours.parse()?) })
            }
            None if day(&text).is_some() => Ok(OverrideSlot { day: day(&text), hours: None }),
            None => Ok(OverrideSlot { day: None, hours: Some(text.parse()?) }),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Frequency {
    Weekly,
    Monthly,
    Yearly,
}

impl Frequency {
    pub fn word(self) -> &'static str {
        match self {
            Frequency::Weekly => "weekly",
            Frequency::Monthly => "monthly",
            Frequency::Yearly => "yearly",
        }
    }
}

/// How an override that opens or closes comes again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recurrence {
    pub frequency: Frequency,
    pub interval: i32,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub months: Vec<i32>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub month_days: Vec<i32>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub occurrences: Vec<i32>,
}

/// An override of hours of operation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HoursOverride {
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    pub kind: OverrideKind,
    /// Its first and its last date.
    pub from: Date,
    pub till: Date,
    /// Without any it is about the whole of each date, which it closes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub slots: Vec<OverrideSlot>,
    /// None for temporary hours, and for what holds on each of its dates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recurrence: Option<Recurrence>,
}

impl HoursOverride {
    /// What it does and when: "closed 24 Dec 2026 to 26 Dec 2026, 13:00-15:00".
    pub fn in_words(&self) -> String {
        let what = match (self.kind, self.slots.is_empty()) {
            (OverrideKind::Closed, _) | (_, true) => "closed",
            (OverrideKind::Open, false) => "also open",
            (OverrideKind::Standard, false) => "temporary hours",
        };
        let slots: Vec<String> = self.slots.iter().map(OverrideSlot::to_string).collect();
        let slots = if slots.is_empty() { String::new() } else { format!(", {}", slots.join(", ")) };
        let again = self.recurrence.as_ref().map(recurrence_words).unwrap_or_default();
        format!("{what} {}{slots}{again}", dates_words(self.from, self.till))
    }

    /// The stretches of the date that it is about; none where it is not about the date.
    fn stretches(&self, date: Date) -> Option<Vec<Span>> {
        if date < self.from || date > self.till {
            return None;
        }
        if self.recurrence.as_ref().is_some_and(|recurrence| !recurrence.covers(self.from, date)) {
            return None;
        }
        if self.slots.is_empty() && self.kind == OverrideKind::Closed {
            return Some(vec![Span::WHOLE_DAY]);
        }
        let day = date.weekday();
        let on_day = self.slots.iter().filter(|slot| slot.day.is_none_or(|wanted| wanted == day));
        let spans: Vec<Span> = on_day.map(|slot| slot.hours.unwrap_or(Span::WHOLE_DAY)).collect();
        // What comes again and names other days is not about this one; temporary hours are, and close it.
        (self.kind == OverrideKind::Standard || !spans.is_empty()).then_some(spans)
    }

    /// Whether it has a part in what holds on the date.
    pub fn applies(&self, date: Date) -> bool {
        self.stretches(date).is_some()
    }

    /// Whether nothing of it is still to come, by the wall clock.
    pub fn is_over(&self, now: DateTime) -> bool {
        let minute = u16::from(now.hour().unsigned_abs()) * 60 + u16::from(now.minute().unsigned_abs());
        let ended = |spans: Vec<Span>| !spans.is_empty() && spans.iter().all(|span| span.to <= minute);
        self.recurrence.is_none()
            && (self.till < now.date()
                || self.till == now.date() && self.stretches(now.date()).is_some_and(ended))
    }

    /// Whether it keeps closed some time of the date.
    pub fn closes(&self, date: Date) -> bool {
        match self.stretches(date) {
            None => false,
            Some(spans) => self.kind == OverrideKind::Closed || spans.is_empty(),
        }
    }
}

impl Recurrence {
    /// Whether what began on `from` comes again on the date.
    fn covers(&self, from: Date, date: Date) -> bool {
        let months = |date: Date| i32::from(date.year()) * 12 + i32::from(date.month());
        let passed = match self.frequency {
            Frequency::Weekly => {
                // Weeks begin on Sunday, as in the API's list of days.
                let start = |date: Date| {
                    let since = i64::from(date.weekday().to_sunday_zero_offset());
                    date.checked_sub(since.days()).unwrap_or(date)
                };
                let days = start(from).until(start(date)).map_or(0, |span| span.get_days());
                days / 7
            }
            Frequency::Monthly => months(date) - months(from),
            Frequency::Yearly => i32::from(date.year()) - i32::from(from.year()),
        };
        let last = i32::from(date.days_in_month());
        let day = i32::from(date.day());
        let occurrence = (day - 1) / 7 + 1;
        passed % self.interval.max(1) == 0
            && self.months.iter().all(|month| *month == i32::from(date.month()))
            && self.month_days.iter().all(|wanted| *wanted == day || *wanted == -1 && day == last)
            && self.occurrences.iter().all(|wanted| *wanted == occurrence || *wanted == -1 && day + 7 > last)
    }
}

fn recurrence_words(recurrence: &Recurrence) -> String {
    let Recurrence { frequency, interval, months, month_days, occurrences } = recurrence;
    let list = |what: &str, all: &[i32]| match all {
        [] => String::new(),
        all => format!(", {what} {}", all.iter().map(i32::to_string).collect::<Vec<_>>().join(", ")),
    };
    format!(
        ", again {} (interval {interval}{}{}{})",
        frequency.word(),
        list("month", months),
        list("day", month_days),
        list("occurrence", occurrences)
    )
}

/// `24 Dec 2026`, or `24 Dec 2026 to 26 Dec 2026`.
pub fn dates_words(from: Date, till: Date) -> String {
    if from == till { date_words(from) } else { format!("{} to {}", date_words(from), date_words(till)) }
}

/// `24 Dec 2026`.
pub fn date_words(date: Date) -> String {
    date.strftime("%-d %b %Y").to_string()
}

/// When it is open on a date. Closing events have precedence, then opening ones, then temporary hours, then the week
/// (administrator guide, "Dates with competing overrides").
pub fn effective<'o>(
    hours: &HoursOfOperation,
    overrides: impl IntoIterator<Item = &'o HoursOverride>,
    date: Date,
) -> Vec<Span> {
    let mut temporary: Option<Vec<Span>> = None;
    let (mut opened, mut closed) = (Vec::new(), Vec::new());
    for one in overrides {
        let Some(spans) = one.stretches(date) else { continue };
        match one.kind {
            OverrideKind::Standard => temporary.get_or_insert_default().extend(spans),
            OverrideKind::Open => opened.extend(spans),
            OverrideKind::Closed => closed.extend(spans),
        }
    }
    let mut open = temporary.unwrap_or_else(|| hours.on(date.weekday()));
    open.extend(opened);
    without(&open, &closed)
}

/// The dates from the first to the last.
pub fn dates(from: Date, till: Date) -> impl Iterator<Item = Date> {
    from.series(1.day()).take_while(move |date| *date <= till)
}

/// A time from one moment to another as whole dates and parts of dates: what holds the same hours on each of its dates.
pub fn pieces(from: DateTime, till: DateTime) -> Vec<(Date, Date, Option<Span>)> {
    let (first, begins) = (from.date(), minutes(from.time()));
    // The end of a day is the beginning of the next.
    let (last, ends) = match minutes(till.time()) {
        0 => (till.date().yesterday().unwrap_or(till.date()), DAY),
        minutes => (till.date(), minutes),
    };
    let part = |date: Date, from: u16, to: u16| {
        let hours = Span::new(from, to)?;
        Some((date, date, Some(hours).filter(|hours| *hours != Span::WHOLE_DAY)))
    };
    if first == last {
        return part(first, begins, ends).into_iter().collect();
    }
    let mut all = Vec::new();
    let mut whole = (first, last);
    if begins > 0 {
        all.extend(part(first, begins, DAY));
        whole.0 = first.tomorrow().unwrap_or(first);
    }
    if ends < DAY {
        whole.1 = last.yesterday().unwrap_or(last);
    }
    if whole.0 <= whole.1 {
        all.push((whole.0, whole.1, None));
    }
    if ends < DAY {
        all.extend(part(last, 0, ends));
    }
    all
}

/// An override, and where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlacedOverride {
    pub hours_id: String,
    pub id: String,
    pub of: HoursOverride,
}

/// What holds on a date, as Amazon Connect says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EffectiveDay {
    pub date: Date,
    pub open: Vec<Span>,
    /// The names of the overrides that have a part in it.
    pub by: Vec<String>,
}

/// Reads hours of operation.
#[async_trait]
pub trait HoursReader: Send + Sync {
    /// By name. Costs one call for a hundred.
    async fn hours(&self) -> Result<Vec<HoursOfOperation>, Problem>;

    /// The overrides of every hours of operation. Costs one call for a hundred.
    async fn all_overrides(&self) -> Result<Vec<PlacedOverride>, Problem>;

    /// The overrides of these hours of operation, as they are now. Costs one call.
    async fn overrides_of(&self, hours_id: &str) -> Result<Vec<PlacedOverride>, Problem>;

    /// What holds from one date to another. Costs one call.
    async fn effective(&self, hours_id: &str, from: Date, till: Date) -> Result<Vec<EffectiveDay>, Problem>;
}
