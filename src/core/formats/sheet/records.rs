//! Text to rows of cells (RFC 4180), lenient where spreadsheets are: blanks before a quote, any line end, quotes inside a cell.

use zeroize::Zeroizing;

/// The most cells of a row that are kept; a real row has about twenty.
const CELLS_MAX: usize = 256;

/// A row that holds anything.
pub(super) struct Record<'a> {
    /// As a spreadsheet counts: rows, not lines, and empty ones too.
    pub number: usize,
    pub cells: Vec<Cell<'a>>,
}

/// A cell as it stands in the file, without the quotes around it.
#[derive(Clone, Copy)]
pub(super) struct Cell<'a> {
    raw: &'a str,
    quoted: bool,
    /// What stands behind the closing quote, if anything.
    tail: &'a str,
}

impl Cell<'_> {
    /// What the cell says, with doubled quotes as one.
    pub fn text(&self) -> Zeroizing<String> {
        // Room for everything at once: a growing text would leave pieces of a password behind.
        let mut out = Zeroizing::new(String::with_capacity(self.raw.len() + self.tail.len()));
        if self.quoted {
            for (i, part) in self.raw.split("\"\"").enumerate() {
                if i > 0 {
                    out.push('"');
                }
                out.push_str(part);
            }
            out.push_str(self.tail);
        } else {
            out.push_str(self.raw);
        }
        out
    }

    pub fn is_blank(&self) -> bool {
        self.raw.trim().is_empty() && self.tail.trim().is_empty()
    }
}

/// The quote that opens in this row is never closed.
#[derive(Debug)]
pub(super) struct Unclosed(pub usize);

/// The rows of a text that are not empty.
pub(super) struct Records<'a> {
    text: &'a str,
    at: usize,
    number: usize,
    separator: u8,
}

impl<'a> Records<'a> {
    /// `separator` is ASCII.
    pub fn new(text: &'a str, separator: char) -> Records<'a> {
        Records { text, at: 0, number: 0, separator: u8::try_from(separator).unwrap_or(b',') }
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

    fn cell(&mut self) -> Result<Cell<'a>, Unclosed> {
        let start = self.at;
        let mut open = start;
        while self.byte(open) == Some(b' ') {
            open += 1;
        }
        if self.byte(open) != Some(b'"') {
            self.at = self.plain_end(start);
            return Ok(Cell { raw: self.slice(start, self.at), quoted: false, tail: "" });
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
        Ok(Cell { raw: self.slice(open + 1, close), quoted: true, tail })
    }
}

impl<'a> Iterator for Records<'a> {
    type Item = Result<Record<'a>, Unclosed>;

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
