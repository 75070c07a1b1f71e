//! Names that never change, laid out for being searched: everything is one text, and everything else points into it.
//!
//! Entries stand in the order in which equally good matches are offered: shorter first, then by the alphabet. A scan from
//! the first entry on may therefore end as soon as it has found enough; and where there is not enough, a few bits of each
//! entry tell of nearly all that they need not be looked at.

use std::cmp::Ordering;
use std::ops::Range;

use memchr::memmem;

use super::fold::{Typed, bits, fold, ordered, pairs};

/// The most characters of a value: Discord takes no longer ones. An entry with a longer one is left out.
const VALUE_MAX: usize = 100;

/// The most characters of a name that are kept.
const NAME_MAX: usize = 100;

/// Between value and name.
const TAB: u8 = b'\t';

/// After each entry.
const END: u8 = b'\n';

/// As many bytes of words are in order; longer than any typed text.
const SORTED: usize = 128;

/// The fewest letters that may hold a typing mistake.
const TYPO_MIN: usize = 3;

/// How well an entry matches, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Tier {
    /// The value begins so. What is the same altogether is the shortest of these.
    Beginning,
    /// A word of the name, or a part of the value, begins so.
    Word,
    /// It is somewhere.
    Inside,
    /// Every typed word is somewhere.
    EveryWord,
    /// The typed letters stand there in their order, with others between them.
    EmailTemplates,
    /// One letter is wrong, missing, too many, or two are swapped.
    Typo,
}

/// See the module.
#[derive(Default)]
pub struct Index {
    /// Values and names as they are, one after the other.
    text: Box<str>,
    entries: Box<[Entry]>,
    /// The letters of each entry, see [`bits`].
    bits: Box<[u64]>,
    /// What is beside each other in each entry, see [`pairs`].
    pairs: Box<[u128]>,
    /// What is before what in the value or the name of each entry, see [`ordered`].
    ordered: Box<[u128]>,
    /// Folded, for each entry: the value, a tab, the name, a line break.
    folded: Box<[u8]>,
    /// The entries by the alphabet of their folded values.
    by_value: Box<[u32]>,
    /// Where words begin, by the alphabet of what is there.
    words: Box<[Word]>,
}

#[derive(Clone, Copy)]
struct Entry {
    at: u32,
    folded_at: u32,
    value: u16,
    name: u16,
    folded_value: u16,
}

#[derive(Clone, Copy)]
struct Word {
    at: u32,
    entry: u32,
}

/// Collects what an [`Index`] is built of.
#[derive(Clone, Default)]
pub struct Builder {
    text: String,
    raw: Vec<Raw>,
}

/// Where an entry is in the text, and how long its value and its name are.
#[derive(Clone, Copy)]
struct Raw {
    at: u32,
    value: u16,
    name: u16,
}

impl Builder {
    pub(super) fn len(&self) -> usize {
        self.raw.len()
    }

    /// Adds an entry; of two with the same value the later one counts. What is too long to be offered is left out.
    pub fn add(&mut self, value: &str, name: &str) {
        if value.is_empty() || value.chars().count() > VALUE_MAX {
            return;
        }
        let name = cut(name);
        // 4 GB of names are beyond every quota; none is added after that.
        let Ok(at) = u32::try_from(self.text.len()) else { return };
        let (Ok(value_len), Ok(name_len)) = (u16::try_from(value.len()), u16::try_from(name.len())) else {
            return;
        };
        self.text.push_str(value);
        self.text.push_str(name);
        self.raw.push(Raw { at, value: value_len, name: name_len });
    }

    /// Sorts everything. 100,000 entries take some tenths of a second.
    pub fn build(self) -> Index {
        let Builder { text, raw } = self;
        let value = |raw: &Raw| text.get(span(raw.at, 0, raw.value)).unwrap_or_default();
        let name = |raw: &Raw| text.get(span(raw.at, raw.value, raw.name)).unwrap_or_default();

        let mut unsorted: Vec<u8> = Vec::with_capacity(text.len());
        let mut order: Vec<(u32, u32, u16)> = Vec::with_capacity(raw.len());
        for (no, raw) in (0..).zip(&raw) {
            let begin = unsorted.len();
            fold(value(raw), &mut unsorted);
            let length = u16::try_from(unsorted.len() - begin).unwrap_or(u16::MAX);
            order.push((no, u32::try_from(begin).unwrap_or(u32::MAX), length));
        }
        let folded_value = |at: u32, length: u16| unsorted.get(span(at, 0, length)).unwrap_or_default();
        order.sort_unstable_by(|a, b| {
            (a.2.cmp(&b.2))
                .then_with(|| folded_value(a.1, a.2).cmp(folded_value(b.1, b.2)))
                .then_with(|| value(&raw[a.0 as usize]).cmp(value(&raw[b.0 as usize])))
                // The later of two with one value comes first, and stays.
                .then_with(|| b.0.cmp(&a.0))
        });
        order.dedup_by(|b, a| value(&raw[a.0 as usize]) == value(&raw[b.0 as usize]));

        let mut entries = Vec::with_capacity(order.len());
        let mut all_bits = Vec::with_capacity(order.len());
        let mut all_pairs = Vec::with_capacity(order.len());
        let mut all_ordered = Vec::with_capacity(order.len());
        let mut folded: Vec<u8> = Vec::with_capacity(unsorted.len() + text.len() / 2);
        for (no, begin, length) in order {
            let raw = raw[no as usize];
            let Ok(folded_at) = u32::try_from(folded.len()) else { break };
            folded.extend_from_slice(folded_value(begin, length));
            folded.push(TAB);
            fold(name(&raw), &mut folded);
            let line = &folded[folded_at as usize..];
            all_bits.push(bits(line));
            all_pairs.push(pairs(line));
            all_ordered.push(fields(line).fold(0, |all, field| all | ordered(field)));
            folded.push(END);
            let Raw { at, value, name } = raw;
            entries.push(Entry { at, folded_at, value, name, folded_value: length });
        }
        drop((unsorted, raw));
        let mut index = Index {
            text: text.into_boxed_str(),
            entries: entries.into_boxed_slice(),
            bits: all_bits.into_boxed_slice(),
            pairs: all_pairs.into_boxed_slice(),
            ordered: all_ordered.into_boxed_slice(),
            folded: folded.into_boxed_slice(),
            by_value: Box::default(),
            words: Box::default(),
        };
        index.by_value = index.sorted_values();
        index.words = index.sorted_words();
        index
    }
}

/// As much of a name as is kept: at most its first hundred characters.
pub(super) fn cut(name: &str) -> &str {
    let name = name.trim();
    let end = name.char_indices().nth(NAME_MAX).map_or(name.len(), |(at, _)| at);
    name.get(..end).unwrap_or_default().trim_end()
}

fn span(at: u32, skip: u16, length: u16) -> Range<usize> {
    let begin = at as usize + usize::from(skip);
    begin..begin + usize::from(length)
}

impl Index {
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(super) fn value(&self, entry: u32) -> &str {
        let entry = &self.entries[entry as usize];
        self.text.get(span(entry.at, 0, entry.value)).unwrap_or_default()
    }

    pub(super) fn name(&self, entry: u32) -> &str {
        let entry = &self.entries[entry as usize];
        self.text.get(span(entry.at, entry.value, entry.name)).unwrap_or_default()
    }

    /// The entry with exactly this value.
    pub(super) fn find(&self, value: &str) -> Option<u32> {
        let mut folded = Vec::new();
        fold(value, &mut folded);
        let order =
            |entry: &u32| self.folded_value(*entry).cmp(&folded).then_with(|| self.value(*entry).cmp(value));
        let at = self.by_value.binary_search_by(order).ok()?;
        self.by_value.get(at).copied()
    }

    /// Which of two entries, of this index and another, is offered first among equally good matches.
    pub(super) fn order(&self, entry: u32, other: &Index, others: u32) -> Ordering {
        let (mine, its) = (self.folded_value(entry), other.folded_value(others));
        (mine.len().cmp(&its.len()))
            .then_with(|| mine.cmp(its))
            .then_with(|| self.value(entry).cmp(other.value(others)))
    }

    /// The same by the alphabet.
    pub(super) fn alphabetical(&self, entry: u32, other: &Index, others: u32) -> Ordering {
        (self.folded_value(entry).cmp(other.folded_value(others)))
            .then_with(|| self.value(entry).cmp(other.value(others)))
    }

    fn folded_value(&self, entry: u32) -> &[u8] {
        let entry = &self.entries[entry as usize];
        &self.folded[span(entry.folded_at, 0, entry.folded_value)]
    }

    /// An entry's part of the folded text, without the line break.
    fn line(&self, entry: usize) -> &[u8] {
        let begin = self.entries[entry].folded_at as usize;
        let next = self.entries.get(entry + 1).map_or(self.folded.len(), |next| next.folded_at as usize);
        &self.folded[begin..next - 1]
    }

    fn sorted_values(&self) -> Box<[u32]> {
        let mut sorted: Vec<u32> = (0..).take(self.entries.len()).collect();
        // Entries whose folded values are equal stand in the right order already.
        sorted
            .sort_unstable_by(|a, b| self.folded_value(*a).cmp(self.folded_value(*b)).then_with(|| a.cmp(b)));
        sorted.into_boxed_slice()
    }

    fn sorted_words(&self) -> Box<[Word]> {
        let mut begun: Vec<(u64, Word)> = Vec::new();
        let mut entry = 0;
        let mut before = END;
        for (at, &byte) in (0..).zip(self.folded.iter()) {
            let begins = match before {
                END | TAB => byte != TAB && byte != END,
                before => byte.is_ascii_alphanumeric() && !before.is_ascii_alphanumeric(),
            };
            if begins {
                let mut first = [0; 8];
                first.iter_mut().zip(&self.folded[at as usize..]).for_each(|(to, from)| *to = *from);
                begun.push((u64::from_be_bytes(first), Word { at, entry }));
            }
            if byte == END {
                entry += 1;
            }
            before = byte;
        }
        begun.sort_unstable_by(|(a_first, a), (b_first, b)| {
            a_first.cmp(b_first).then_with(|| self.there(*a, 8, SORTED).cmp(self.there(*b, 8, SORTED)))
        });
        begun.into_iter().map(|(_, word)| word).collect()
    }

    /// What is so far behind the beginning of a word, at most so long.
    fn there(&self, word: Word, behind: usize, length: usize) -> &[u8] {
        let begin = (word.at as usize + behind).min(self.folded.len());
        &self.folded[begin..self.folded.len().min(begin + length)]
    }

    /// Those of the words, which are alike up to `behind`, that continue with `rest`.
    fn going_on<'a>(&self, words: &'a [Word], behind: usize, rest: &[u8]) -> &'a [Word] {
        let begin = words.partition_point(|word| self.there(*word, behind, rest.len()) < rest);
        let words = &words[begin..];
        // Most look-ups find nothing, and then there is no end to look for.
        if words.first().is_none_or(|word| self.there(*word, behind, rest.len()) != rest) {
            return &[];
        }
        &words[..words.partition_point(|word| self.there(*word, behind, rest.len()) <= rest)]
    }

    /// At most `limit` entries, best first, without those that are hidden (in their order).
    pub(super) fn search(&self, typed: &Typed, limit: usize, hidden: &[u32]) -> Vec<(Tier, u32)> {
        let mut found = Found { hits: Vec::new(), limit, hidden, best: Vec::new() };
        if typed.text.is_empty() {
            found.in_order(Tier::Beginning, self.by_value.iter().copied());
            return found.hits;
        }
        let text = typed.text.as_slice();
        let begin = self.by_value.partition_point(|entry| self.folded_value(*entry) < text);
        let values = &self.by_value[begin..];
        let end = values.partition_point(|entry| self.folded_value(*entry).starts_with(text));
        found.weigh(values[..end].iter().copied());
        found.keep(Tier::Beginning);
        if !found.full() {
            found.weigh(self.going_on(&self.words, 0, text).iter().map(|word| word.entry));
            found.keep(Tier::Word);
        }
        found.in_order(Tier::Inside, self.with(vec![text]));
        found.in_order(Tier::EveryWord, self.with_every_word(typed));
        found.in_order(Tier::EmailTemplates, self.with_letters(typed));
        if !found.full() && typed.letters.len() >= TYPO_MIN {
            self.with_typo(text, |words| found.weigh(words.iter().map(|word| word.entry)));
            found.keep(Tier::Typo);
        }
        found.hits
    }

    /// The entries that contain all of these.
    fn with<'a>(&'a self, parts: Vec<&'a [u8]>) -> impl Iterator<Item = u32> + 'a {
        let wanted_bits = parts.iter().fold(0, |all, part| all | bits(part));
        let wanted_pairs = parts.iter().fold(0, |all, part| all | pairs(part));
        let finders: Vec<memmem::Finder<'_>> = parts.into_iter().map(memmem::Finder::new).collect();
        having(&self.bits, wanted_bits).filter(move |entry| {
            let at = *entry as usize;
            self.pairs[at] & wanted_pairs == wanted_pairs
                && finders.iter().all(|finder| finder.find(self.line(at)).is_some())
        })
    }

    fn with_every_word<'a>(&'a self, typed: &'a Typed) -> impl Iterator<Item = u32> + 'a {
        let mut words: Vec<&[u8]> = typed.words().collect();
        // One word was looked for already. The longest is the rarest, and the first that is missing spares the others.
        let several = words.len() > 1;
        words.sort_by_key(|word| std::cmp::Reverse(word.len()));
        several.then(|| self.with(words)).into_iter().flatten()
    }

    fn with_letters(&self, typed: &Typed) -> impl Iterator<Item = u32> {
        let letters = typed.letters.as_slice();
        let wanted = ordered(letters);
        let entries = (letters.len() > 1).then(|| having(&self.bits, bits(letters)));
        entries.into_iter().flatten().filter(move |entry| {
            let at = *entry as usize;
            self.ordered[at] & wanted == wanted && fields(self.line(at)).any(|field| in_order(letters, field))
        })
    }

    /// Every range of words that begin as `text` would if one letter of it were otherwise.
    ///
    /// Up to the mistake the text is right, and those words are one range; behind it the text is right again, which is one
    /// look-up in that range for each letter that could stand there.
    fn with_typo<'a>(&'a self, text: &[u8], mut each: impl FnMut(&'a [Word])) {
        let mut alike: &[Word] = &self.words;
        for (at, &letter) in text.iter().enumerate() {
            let (rest, after) = (&text[at..], &text[at + 1..]);
            // One too many.
            each(self.going_on(alike, at, after));
            // Two swapped.
            if let [next, after @ ..] = after {
                let swapped = self.going_on(alike, at, &[*next, letter]);
                each(self.going_on(swapped, at + 2, after));
            }
            let mut others = alike;
            while let Some(first) = others.first() {
                let other = self.there(*first, at, 1);
                let end = others.partition_point(|word| self.there(*word, at, 1) <= other);
                let (same, further) = others.split_at(end);
                if !matches!(other, [] | [TAB | END]) {
                    // A wrong one, or one missing.
                    each(self.going_on(same, at + 1, after));
                    each(self.going_on(same, at + 1, rest));
                }
                others = further;
            }
            alike = self.going_on(alike, at, &[letter]);
            if alike.is_empty() {
                break;
            }
        }
    }
}

/// The entries that have all these bits.
fn having(bits: &[u64], wanted: u64) -> impl Iterator<Item = u32> {
    (0..).zip(bits).filter(move |(_, bits)| **bits & wanted == wanted).map(|(entry, _)| entry)
}

/// The folded value and the folded name of an entry's part of the text.
fn fields(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    line.split(|byte| *byte == TAB)
}

/// Whether the letters stand in the field in their order.
fn in_order(letters: &[u8], field: &[u8]) -> bool {
    let mut field = field.iter();
    letters.iter().all(|letter| field.any(|byte| byte == letter))
}

/// The best so far.
struct Found<'a> {
    hits: Vec<(Tier, u32)>,
    limit: usize,
    hidden: &'a [u32],
    /// The first entries among those that were weighed, in order; as many as there is room for.
    best: Vec<u32>,
}

impl Found<'_> {
    fn full(&self) -> bool {
        self.hits.len() >= self.limit
    }

    fn may_be_added(&self, entry: u32) -> bool {
        self.hidden.binary_search(&entry).is_err() && !self.hits.iter().any(|(_, hit)| *hit == entry)
    }

    /// Takes candidates from the first on until there are enough.
    fn in_order(&mut self, tier: Tier, mut candidates: impl Iterator<Item = u32>) {
        while !self.full() {
            let Some(entry) = candidates.next() else { return };
            if self.may_be_added(entry) {
                self.hits.push((tier, entry));
            }
        }
    }

    /// Looks at candidates that come in any order, and perhaps more than once.
    fn weigh(&mut self, candidates: impl Iterator<Item = u32>) {
        let room = self.limit - self.hits.len();
        for entry in candidates {
            if self.best.len() >= room && self.best.last().is_none_or(|last| entry >= *last) {
                continue;
            }
            if let Err(at) = self.best.binary_search(&entry)
                && self.may_be_added(entry)
            {
                self.best.insert(at, entry);
                self.best.truncate(room);
            }
        }
    }

    /// Takes the best of what was weighed.
    fn keep(&mut self, tier: Tier) {
        self.hits.extend(self.best.drain(..).map(|entry| (tier, entry)));
    }
}
