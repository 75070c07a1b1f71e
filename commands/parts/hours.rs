//! What commands about hours of operation share: which are meant, from when to when, and what holds before and after.

use desk_core::basics::clean;
use desk_core::basics::hours;
use desk_core::basics::problem::Problem;
use desk_core::basics::text::{code, count, list, same_name};
use desk_core::card::Block;
use desk_core::center::hours::{OVERRIDES_MAX, dates, effective, spans};
use desk_core::center::names;
use desk_core::center::{
    EffectiveDay, HoursOfOperation, HoursOverride, Named, OverrideKind, PlacedOverride, QueueInfo, Span,
    date_words,
};
use desk_core::command::Ask;
use desk_core::words;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};

use crate::parts::users;

/// The most days that one request closes or opens.
const DAYS_MAX: usize = 366;

/// The longest name of an override.
const NAME_MAX: usize = 127;

/// The hours that someone means: by a name, by several with `;` between, or all.
pub(crate) async fn meant(ask: &Ask<'_>, typed: &str) -> Result<Vec<HoursOfOperation>, Problem> {
    let all = ask.center.hours().await?;
    if typed.eq_ignore_ascii_case("all") {
        return Ok(all);
    }
    let names: Vec<Named> =
        all.iter().map(|hours| Named { id: hours.id.clone(), name: hours.name.clone() }).collect();
    let mut found: Vec<HoursOfOperation> = Vec::new();
    for typed in typed.split(';').map(str::trim).filter(|typed| !typed.is_empty()) {
        let named = names::resolve("hours of operation", typed, &names)?;
        if found.iter().all(|hours| hours.id != named.id) {
            found.extend(all.iter().find(|hours| hours.id == named.id).cloned());
        }
    }
    match found.is_empty() {
        true => Err(Problem::requester("hours_missing", "No hours of operation are given.")
            .hint("`/connect hours list` shows them.")),
        false => Ok(found),
    }
}

/// The moment on the wall clock of the hours.
pub(crate) fn local(hours: &HoursOfOperation, at: Timestamp) -> Result<DateTime, Problem> {
    let zone = TimeZone::get(&hours.time_zone).map_err(|_| {
        Problem::operator("time_zone", format!("The time zone {} isn't known.", code(&hours.time_zone)))
            .hint("Update connect-desk.")
    })?;
    Ok(at.to_zoned(zone).datetime())
}

/// What someone typed for a moment.
#[derive(Clone, Copy)]
enum Typed {
    Date(Date),
    At(DateTime),
    /// Minutes of the day.
    Time(u16),
}

fn moment(typed: &str, today: Date) -> Result<Typed, Problem> {
    let text = typed.trim();
    let wrong = || {
        let plain: Option<Vec<String>> = text.split(' ').map(words::plain_moment).collect();
        Problem::requester("moment", format!("{} isn't a date or a time.", code(typed)))
            .hint("Type a date such as `2026-12-24`, a time such as `15:00`, or both.")
            .instead_of(typed, plain.map(|words| words.join(" ")).into_iter().collect())
    };
    if let Some(minutes) = hours::minute(text) {
        return Ok(Typed::Time(minutes));
    }
    let (day, rest) = text.split_once([' ', 'T']).unwrap_or((text, ""));
    let date = match day.to_lowercase().as_str() {
        "today" => today,
        "tomorrow" => today.tomorrow().map_err(|_| wrong())?,
        _ => day.parse::<Date>().map_err(|_| wrong())?,
    };
    match rest.trim() {
        "" => Ok(Typed::Date(date)),
        rest => {
            let minutes = hours::minute(rest).ok_or_else(wrong)?;
            on(date, minutes).map(Typed::At).ok_or_else(wrong)
        }
    }
}

/// So many minutes after the beginning of a date.
fn on(date: Date, minutes: u16) -> Option<DateTime> {
    date.to_datetime(Time::midnight()).checked_add(i64::from(minutes).minutes()).ok()
}

/// From when to when, on the wall clock of the hours. Without a beginning it is today, which is the day on which it was asked, without
/// an end the day of the beginning.
pub(crate) fn stretch(
    from: Option<&str>,
    until: Option<&str>,
    today: Date,
    now: DateTime,
) -> Result<(DateTime, DateTime), Problem> {
    let too_far = || {
        Problem::requester("moment", "That is too far from today.").hint("Type a date such as `2026-12-24`.")
    };
    let begin = match from.map(|typed| moment(typed, today)).transpose()? {
        None => today.to_datetime(Time::midnight()),
        Some(Typed::Date(date)) => date.to_datetime(Time::midnight()),
        Some(Typed::At(at)) => at,
        Some(Typed::Time(minutes)) => on(today, minutes).ok_or_else(too_far)?,
    };
    let day = 24 * 60;
    let end = match until.map(|typed| moment(typed, today)).transpose()? {
        None => on(begin.date(), day).ok_or_else(too_far)?,
        Some(Typed::Date(date)) => on(date, day).ok_or_else(too_far)?,
        Some(Typed::At(at)) => at,
        Some(Typed::Time(minutes)) => on(begin.date(), minutes).ok_or_else(too_far)?,
    };
    if end <= begin {
        return Err(Problem::requester(
            "stretch",
            format!("It ends at {}, before it starts.", at_words(end)),
        )
        .hint("Give a later `until:…`. Without a date, it is on the day of `from:…`."));
    }
    if end <= now {
        return Err(Problem::requester("stretch_past", format!("{} is over.", at_words(end)))
            .hint("Give a time in the future."));
    }
    if dates(begin.date(), end.date()).nth(DAYS_MAX).is_some() {
        return Err(Problem::requester("stretch_long", format!("That is more than {DAYS_MAX} days."))
            .hint("Give a shorter time. Change the weekly schedule in the admin website."));
    }
    Ok((begin, end))
}

/// `24 Dec 2026 15:00`.
fn at_words(at: DateTime) -> String {
    format!("{} {}", date_words(at.date()), at.time().strftime("%H:%M"))
}

/// "on 24 Dec 2026", "from 24 Dec 2026 15:00 to 26 Dec 2026 12:00".
pub(crate) fn stretch_words(begin: DateTime, end: DateTime) -> String {
    let midnight = |at: DateTime| at.time() == Time::midnight();
    let last = end.date().yesterday().unwrap_or(end.date());
    let until = if midnight(end) { format!("the end of {}", date_words(last)) } else { at_words(end) };
    match (midnight(begin) && midnight(end), begin.date() == last, begin.date() == end.date()) {
        (true, true, _) => format!("on {}", date_words(last)),
        (true, false, _) => format!("from {} to {}", date_words(begin.date()), date_words(last)),
        (false, _, true) => {
            let time = |at: DateTime| at.time().strftime("%H:%M").to_string();
            format!("on {} from {} to {}", date_words(begin.date()), time(begin), time(end))
        }
        (false, ..) => format!("from {} to {until}", at_words(begin)),
    }
}

/// A date, what holds on it now, and what would hold where that is known.
pub(crate) type Difference = (Date, Vec<Span>, Option<Vec<Span>>);

/// Hours of operation with what overrides them now, and what Amazon Connect says that holds.
pub(crate) struct Known {
    pub(crate) hours: HoursOfOperation,
    pub(crate) overrides: Vec<PlacedOverride>,
    days: Vec<EffectiveDay>,
}

impl Known {
    pub(crate) async fn of(
        ask: &Ask<'_>,
        hours: HoursOfOperation,
        from: Date,
        till: Date,
    ) -> Result<Known, Problem> {
        let (overrides, days) = futures::try_join!(
            ask.center.overrides_of(&hours.id),
            ask.center.effective(&hours.id, from, till)
        )?;
        Ok(Known { hours, overrides, days })
    }

    pub(crate) fn named(&self) -> Named {
        Named { id: self.hours.id.clone(), name: self.hours.name.clone() }
    }

    /// The dates on which another list of overrides makes a difference: the date, what holds now, and what would. What would is
    /// not known where what holds now isn't what the desk makes of the overrides that it knows.
    pub(crate) fn differences(&self, after: &[HoursOverride]) -> Vec<Difference> {
        let day = |day: &EffectiveDay| {
            let now = self.overrides.iter().map(|one| &one.of);
            let is_understood = effective(&self.hours, now, day.date) == day.open;
            let then = is_understood.then(|| effective(&self.hours, after, day.date));
            (day.date, day.open.clone(), then)
        };
        let all = self.days.iter().map(day);
        all.filter(|(_, before, after)| after.as_ref() != Some(before)).collect()
    }

    /// What the overrides are now.
    pub(crate) fn today(&self) -> Vec<HoursOverride> {
        self.overrides.iter().map(|one| one.of.clone()).collect()
    }

    /// A name that no override has, made of this one.
    pub(crate) fn free_name(&self, wanted: &str, taken: &[String]) -> String {
        let is_taken = |name: &str| {
            self.overrides.iter().any(|one| same_name(&one.of.name, name))
                || taken.iter().any(|other| same_name(other, name))
        };
        if !is_taken(wanted) {
            return wanted.to_owned();
        }
        let numbered = |n: usize| {
            let number = format!(" ({n})");
            let base: String = wanted.chars().take(NAME_MAX - number.len()).collect();
            format!("{}{number}", base.trim_end())
        };
        (2..).map(numbered).find(|name| !is_taken(name)).unwrap_or_default()
    }

    /// The other pieces of a closing that takes several overrides: those with the same name but for its number that come right
    /// before or after it, or before or after one of those.
    pub(crate) fn pieces_of<'k>(&'k self, one: &'k PlacedOverride) -> Vec<&'k PlacedOverride> {
        let mut found = vec![one];
        loop {
            let is_next = |other: &&PlacedOverride| {
                found.iter().all(|one| one.id != other.id) && found.iter().any(|one| follows(one, other))
            };
            match self.overrides.iter().find(is_next) {
                Some(next) => found.push(next),
                None => break,
            }
        }
        found.sort_by_key(|one| one.of.from);
        found
    }

    /// Whether so many more overrides have room.
    pub(crate) fn has_room(&self, more: usize) -> Result<(), Problem> {
        if self.overrides.len() + more <= OVERRIDES_MAX {
            return Ok(());
        }
        let message = format!(
            "{} has {}. The limit is {OVERRIDES_MAX}.",
            code(&self.hours.name),
            count(self.overrides.len(), "override")
        );
        Err(Problem::requester("overrides_full", message)
            .hint("Remove some that are over in the admin website, under Routing, Hours of operation."))
    }
}

/// A name without the number of its piece: `Storm` of `Storm (2)`.
fn base(name: &str) -> &str {
    let numbered = name.strip_suffix(')').and_then(|name| name.rsplit_once(" ("));
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    numbered.filter(|(_, number)| is_number(number)).map_or(name, |(base, _)| base)
}

/// Whether a name has the number of a piece.
pub(crate) fn is_numbered(name: &str) -> bool {
    base(name) != name
}

/// Whether two overrides are pieces of one closing, as [`Known::free_name`] names them: one begins where the other ends.
fn follows(one: &PlacedOverride, other: &PlacedOverride) -> bool {
    // The base of a long name is cut where its number needs the room.
    let (of_one, of_other) = (base(&one.of.name), base(&other.of.name));
    let is_cut = |long: &str, short: &str| long.chars().count() > NAME_MAX - 10 && long.starts_with(short);
    let same = same_name(of_one, of_other) || is_cut(of_one, of_other) || is_cut(of_other, of_one);
    let touch = |first: &HoursOverride, second: &HoursOverride| {
        first.till.tomorrow().is_ok_and(|next| next == second.from)
            && ends(first) == Span::WHOLE_DAY.to
            && begins(second) == Span::WHOLE_DAY.from
    };
    let once = |one: &PlacedOverride| one.of.kind == OverrideKind::Closed && one.of.recurrence.is_none();
    same && once(one) && once(other) && (touch(&one.of, &other.of) || touch(&other.of, &one.of))
}

/// The minute of its first date at which an override begins, and that of its last at which it ends.
fn begins(one: &HoursOverride) -> u16 {
    one.slots.iter().map(|slot| slot.hours.unwrap_or(Span::WHOLE_DAY).from).min().unwrap_or(0)
}

fn ends(one: &HoursOverride) -> u16 {
    let last = one.slots.iter().map(|slot| slot.hours.unwrap_or(Span::WHOLE_DAY).to).max();
    last.unwrap_or(Span::WHOLE_DAY.to)
}

/// A name that someone gave an override.
pub(crate) fn name(typed: &str) -> Result<String, Problem> {
    let name = clean::name(typed).into_owned();
    if name.is_empty() || name.chars().count() > NAME_MAX {
        return Err(Problem::requester(
            "override_name",
            format!("{} isn't a valid name for an override.", code(typed)),
        )
        .hint(format!("Choose one with at most {NAME_MAX} characters.")));
    }
    Ok(name)
}

/// What holds before and after, date by date.
pub(crate) fn table(all: &[(&Known, Vec<Difference>)]) -> Block {
    let several = all.len() > 1;
    let mut columns = vec!["Date".to_owned(), "Now".to_owned(), "Then".to_owned()];
    if several {
        columns.insert(0, "Hours".to_owned());
    }
    let mut rows = Vec::new();
    for (known, days) in all {
        for (date, before, after) in days {
            let then =
                after.as_ref().map_or_else(|| "as Amazon Connect computes it".to_owned(), |open| spans(open));
            let date =
                format!("{} {}", desk_core::center::hours::day_word(date.weekday()), date_words(*date));
            let mut row = vec![date, spans(before), then];
            if several {
                row.insert(0, known.hours.name.clone());
            }
            rows.push(row);
        }
    }
    Block::Table { columns, rows }
}

/// Which queues have these hours.
pub(crate) async fn queues(ask: &Ask<'_>, all: &[&Known]) -> Result<String, Problem> {
    let queues = ask.center.all_queues().await?.into_iter();
    let has = |queue: &QueueInfo| all.iter().any(|known| queue.hours_id.as_ref() == Some(&known.hours.id));
    let names: Vec<String> = queues.filter(has).map(|queue| queue.name).collect();
    let of = if all.len() == 1 { "these hours" } else { "one of these hours" };
    Ok(match names.len() {
        0 => format!("No queue has {of}."),
        1 => format!("The queue {} has {of}.", code(&names[0])),
        n if n <= 5 => format!(
            "The queues {} have {of}.",
            list(&names.iter().map(|name| code(name)).collect::<Vec<_>>(), "and")
        ),
        n => format!("{n} queues have {of}, such as {} and {}.", code(&names[0]), code(&names[1])),
    })
}

/// Looks at several hours, some at a time.
pub(crate) async fn known(
    ask: &Ask<'_>,
    all: Vec<(HoursOfOperation, Date, Date)>,
) -> Result<Vec<Known>, Problem> {
    users::side_by_side(all.into_iter().map(|(hours, from, till)| Known::of(ask, hours, from, till))).await
}
