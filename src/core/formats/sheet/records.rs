//! Text to rows of cells (RFC 4180), lenient where spreadsheets are: blanks before a quote, any line end, quotes inside a cell.

use zeroize::Zeroizing;

use super::model::Fault;

/// The most cells of a row that are kept; a real row has about twenty.
pub(super) const CELLS_MAX: usize = 256;

/// A row that holds anything.
pub(super) struct Record {
    /// As a spreadsheet counts: rows, not lines, and empty ones too.
    pub number: usize,
    pub cells: Vec<Cell>,
}

impl Record {
    /// The one cell that holds anything, if there is no other.
    pub fn only(&self) -> Option<&Cell> {
        let mut cells = self.cells.iter().filter(|cell| !cell.is_blank());
        cells.next().filter(|_| cells.next().is_none())
    }

    /// What is wrong with a cell that is under no title; `separator` is what is between cells in a file of text.
    pub fn untitled(
        &self,
        is_titled: impl Fn(usize) -> bool,
        width: usize,
        separator: Option<char>,
    ) -> Option<Fault> {
        let mut cells = self.cells.iter().enumerate();
        let (position, _) = cells.find(|(position, cell)| !cell.is_blank() && !is_titled(*position))?;
        let message =
            format!("Cell {} of the row has no header; the header row has {width} cells.", position + 1);
        let next = match separator {
            None => "Give the column a title, unmerge the cells of the header, or clear the cell.",
            Some(',') => "Put quotes around a text that contains a comma.",
            Some(_) => "Put quotes around a text that contains a separator.",
        };
        Some(Fault::new("cell_without_title", message, next))
    }

    /// What the cells say, for comparing them with titles.
    pub fn texts(&self) -> Vec<String> {
        self.cells.iter().map(|cell| cell.text().trim().to_owned()).collect()
    }
}

/// A cell as it is in the file, without the quotes around it; wiped when dropped.
#[derive(Default)]
pub(super) struct Cell {
    text: Zeroizing<String>,
    quoted: bool,
    /// Why its text is not what someone wrote there.
    fault: Option<Box<Fault>>,
}

impl Cell {
    pub fn of(text: &str) -> Cell {
        Cell { text: Zeroizing::new(text.to_owned()), quoted: false, fault: None }
    }

    pub fn faulty(text: &str, fault: Fault) -> Cell {
        Cell { fault: Some(Box::new(fault)), ..Cell::of(text) }
    }

    /// A cell in quotes, in which doubled quotes are one, and what is behind the closing quote.
    fn quoted(raw: &str, tail: &str) -> Cell {
        // Room for everything at a time: a growing text would leave pieces of a password behind.
        let mut text = Zeroizing::new(String::with_capacity(raw.len() + tail.len()));
        for (i, part) in raw.split("\"\"").enumerate() {
            if i > 0 {
                text.push('"');
            }
            text.push_str(part);
        }
        text.push_str(tail);
        Cell { text, quoted: true, fault: None }
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    pub fn len(&self) -> usize {
        self.text.len()
    }

    pub fn is_quoted(&self) -> bool {
        self.quoted
    }

    pub fn fault(&self) -> Option<&Fault> {
        self.fault.as_deref()
    }

    pub fn is_blank(&self) -> bool {
        self.text.trim().is_empty()
    }
}

/// Quotes as word processors set them.
const OPENING: [char; 4] = ['“', '„', '«', '‟'];
const CLOSING: [char; 3] = ['”', '“', '»'];

/// The quote that opens in this row is never closed.
#[derive(Debug)]
pub(super) struct Unclosed(pub usize);

/// The rows of a text that are not empty.
pub(super) struct Records<'a> {
    text: &'a str,
    at: usize,
    number: usize,
    separator: u8,
    /// Whether cells are between curly quotes.
    curly: bool,
}

impl<'a> Records<'a> {
    /// `separator` is ASCII.
    pub fn new(text: &'a str, separator: char, curly: bool) -> Records<'a> {
        Records { text, at: 0, number: 0, separator: u8::try_from(separator).unwrap_or(b','), curly }
    }

    /// Whether a word processor has made curly quotes of those around cells: there are cells in them and no plain quote at all.
    pub fn has_curly_quotes(text: &str) -> bool {
        let begins =
            |line: &str| line.split([',', ';', '\t']).any(|cell| cell.trim_start().starts_with(OPENING));
        !text.contains('"') && text.contains(CLOSING) && text.lines().any(begins)
    }

    fn slice(&self, from: usize, to: usize) -> &'a str {
        self.text.get(from..to).unwrap_or_default()
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.text.as_bytes().get(at).copied()
    }

    /// Where the unquoted part that starts here ends: at a separator, a line end, or the end of the text.
    fn plain_end(&self, from: usize) -> usize {
        let stop = |byte: &u8| *byte == self.separator || *byte == b'\n' || *byte == b'\r';
        self.text.as_bytes().iter().skip(from).position(stop).map_or(self.text.len(), |n| from + n)
    }

    /// A cell between curly quotes: the last one has nothing behind it in its cell.
    fn curly_cell(&mut self, open: usize) -> Option<Cell> {
        let rest = self.text.get(open..)?;
        let inner = rest.strip_prefix(OPENING)?;
        let start = open + (rest.len() - inner.len());
        let ends = |at: usize| {
            let tail = self.text.get(at..self.plain_end(at)).unwrap_or_default();
            tail.trim().is_empty()
        };
        let (at, mark) = inner.match_indices(CLOSING).find(|(at, mark)| ends(start + at + mark.len()))?;
        self.at = self.plain_end(start + at + mark.len());
        Some(Cell::quoted(self.slice(start, start + at), ""))
    }

    fn cell(&mut self) -> Result<Cell, Unclosed> {
        let start = self.at;
        let mut open = start;
        while self.byte(open) == Some(b' ') {
            open += 1;
        }
        if self.curly
            && let Some(cell) = self.curly_cell(open)
        {
            return Ok(cell);
        }
        if self.byte(open) != Some(b'"') {
            self.at = self.plain_end(start);
            return Ok(Cell::of(self.slice(start, self.at)));
        }
        let mut close = open + 1;
        loop {
            let quote = self.text.as_bytes().iter().skip(close).position(|byte| *byte == b'"');
            close += quote.ok_or(Unclosed(self.number))?;
            if self.byte(close + 1) != Some(b'"') {
                break;
            }
            close += 2;
        }
        self.at = self.plain_end(close + 1);
        let tail = self.slice(close + 1, self.at);
        let tail = if tail.trim().is_empty() { "" } else { tail };
        Ok(Cell::quoted(self.slice(open + 1, close), tail))
    }
}

impl Iterator for Records<'_> {
    type Item = Result<Record, Unclosed>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.at < self.text.len() {
            self.number += 1;
            let mut cells = Vec::new();
            let mut blank = true;
            loop {
                let cell = match self.cell() {
                    Ok(cell) => cell,
                    Err(unclosed) => {
                        self.at = self.text.len();
                        return Some(Err(unclosed));
                    }
                };
                blank &= cell.is_blank();
                // Empty cells at the end of a long row say nothing; the last place shows that there was more.
                if cells.len() < CELLS_MAX || !cell.is_blank() && cells.len() == CELLS_MAX {
                    cells.push(cell);
                }
                if self.byte(self.at) != Some(self.separator) {
                    break;
                }
                self.at += 1;
            }
            if self.byte(self.at) == Some(b'\r') {
                self.at += 1;
            }
            if self.byte(self.at) == Some(b'\n') {
                self.at += 1;
            }
            if !blank {
                return Some(Ok(Record { number: self.number, cells }));
            }
        }
        None
    }
}
