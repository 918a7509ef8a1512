//! Reads a table of two columns line by line, never more of it than one line.

use std::io::{BufRead, Read};
use std::ops::Range;

/// Nobody writes a time and a number in more.
const LINE_BYTES_MAX: usize = 4096;

/// A file of lines with two fields each.
pub struct Table {
    from: Box<dyn BufRead>,
    bytes: Vec<u8>,
    number: usize,
}

/// One line of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line<'a> {
    /// Its number, from 1.
    pub number: usize,
    /// Its text, without its end.
    pub text: &'a str,
}

/// A line that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// Its number, from 1.
    pub number: usize,
    /// What there is of it.
    pub text: String,
    /// Where in that it goes wrong.
    pub at: Range<usize>,
    /// What is wrong.
    pub why: Why,
}

/// Why a line cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// It is not UTF-8.
    Encoding,
    /// It is too long.
    Length,
    /// The file gives no more.
    Broken(String),
}

impl Table {
    /// A table from its first line on.
    pub fn new(from: Box<dyn BufRead>) -> Self {
        Self { from, bytes: Vec::new(), number: 0 }
    }

    /// The next line that is not empty; `None` at the end.
    pub fn line(&mut self) -> Option<Result<Line<'_>, Unreadable>> {
        loop {
            self.bytes.clear();
            self.number += 1;
            let most = LINE_BYTES_MAX as u64;
            match self.from.by_ref().take(most).read_until(b'\n', &mut self.bytes) {
                Ok(0) => return None,
                Ok(_) => {}
                Err(error) => return Some(Err(self.unreadable(Why::Broken(error.to_string()), 0..0))),
            }
            if self.bytes.len() == LINE_BYTES_MAX && !self.bytes.ends_with(b"\n") {
                return Some(Err(self.unreadable(Why::Length, 0..1)));
            }
            if self.number == 1 && self.bytes.starts_with(b"\xEF\xBB\xBF") {
                self.bytes.drain(..3);
            }
            let length = self.bytes.trim_ascii_end().len();
            self.bytes.truncate(length);
            if length > 0 {
                break;
            }
        }
        // The borrow checker does not see that a line which is given back ends the function.
        match std::str::from_utf8(&self.bytes).map_err(|error| error.valid_up_to()) {
            Ok(_) => Some(Ok(Line {
                number: self.number,
                text: std::str::from_utf8(&self.bytes).unwrap_or_default(),
            })),
            Err(at) => Some(Err(self.unreadable(Why::Encoding, at..at + 1))),
        }
    }

    fn unreadable(&self, why: Why, at: Range<usize>) -> Unreadable {
        let text = String::from_utf8_lossy(&self.bytes).into_owned();
        Unreadable { number: self.number, text, at, why }
    }
}

/// Where the two fields of a line stand, without spaces and quotes around them; `None` if there are not two.
pub fn fields(line: &str) -> Option<[Range<usize>; 2]> {
    let comma = line.find(',')?;
    let second = &line[comma + 1..];
    if second.contains(',') {
        return None;
    }
    let bare = |begin: usize, field: &str| {
        let trimmed = field.trim();
        let start = begin + field.len() - field.trim_start().len();
        let quoted = trimmed.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        match quoted {
            Some(inner) => start + 1..start + 1 + inner.len(),
            None => start..start + trimmed.len(),
        }
    };
    Some([bare(0, &line[..comma]), bare(comma + 1, second)])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(bytes: &'static [u8]) -> Table {
        Table::new(Box::new(bytes))
    }

    #[test]
    fn lines_come_with_their_numbers_whatever_ends_them() {
        let mut table = table(b"\xEF\xBB\xBFtime,value\r\n\n 1 , 2\t\n3,4");
        let mut lines = Vec::new();
        while let Some(line) = table.line() {
            let line = line.unwrap();
            lines.push((line.number, line.text.to_owned()));
        }
        let wanted = [(1, "time,value"), (3, " 1 , 2"), (4, "3,4")];
        assert_eq!(lines, wanted.map(|(number, text)| (number, text.to_owned())));
    }

    #[test]
    fn what_is_no_line_of_text_says_where() {
        let mut wrong = table(b"a,b\n1,\xB6\n2,3\n");
        assert!(wrong.line().is_some_and(|line| line.is_ok()));
        let found = wrong.line().unwrap().unwrap_err();
        assert_eq!((found.number, found.at, found.why), (2, 2..3, Why::Encoding));
        assert_eq!(wrong.line().unwrap().unwrap().text, "2,3", "the next line is read again");
        let mut endless = Table::new(Box::new(std::io::BufReader::new(std::io::repeat(b'1'))));
        assert_eq!(endless.line().unwrap().unwrap_err().why, Why::Length);
    }

    #[test]
    fn fields_stand_between_commas_spaces_and_quotes() {
        let both = |line: &'static str| fields(line).map(|ranges| ranges.map(|range| &line[range]));
        assert_eq!(both("1,2"), Some(["1", "2"]));
        assert_eq!(both(" \"a b\" ,\t3 "), Some(["a b", "3"]));
        assert_eq!(both("1,"), Some(["1", ""]));
        assert_eq!([both("1"), both("1,2,3")], [None, None]);
    }
}
