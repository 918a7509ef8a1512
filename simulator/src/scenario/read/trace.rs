//! Reads the rates of a trace from a file, no further than the run goes, and says what is wrong with its rows.

mod header;
mod levels;
mod mistakes;

use compiler::document::{Node, Value};
use compiler::resolve::{form, quantity};

use super::table::{Line, Table, Why, fields};
use super::{Reader, value};
use crate::rules;
use crate::scenario::Level;
use header::{Header, Unit};
use levels::Levels;
use mistakes::{Kind, Mistakes};

impl<'a> Reader<'a, '_> {
    /// The rates of the file that a `trace` names, over the run.
    pub(super) fn trace(&mut self, node: &'a Node) -> Option<Vec<Level>> {
        let path = node.values.first()?;
        let opened =
            path.as_text().filter(|path| form::is_below(path)).and_then(|path| (self.files.open)(path));
        let Some((name, content)) = opened else {
            self.diagnostics.push(rules::missing_trace::found(path));
            return None;
        };
        let mut table = Table::new(content);
        let mut mistakes = Mistakes::new(name, node.span);
        let header = Header::read(&mut table, value(node, "unit"), &mut mistakes, self.files.sources);
        let header = header.map_err(|wrong| self.diagnostics.push(*wrong)).ok()?;
        let from = value(node, "from").and_then(Value::as_text).and_then(quantity::timestamp_ns);
        let mut rows = Rows {
            unit: header.unit,
            is_stamped: header.is_stamped,
            scale: value(node, "scale").and_then(form::number).unwrap_or(1.0),
            duration_ns: self.duration_ns.cast_signed(),
            begin_ns: from.filter(|_| header.is_stamped),
            first_ns: None,
            step_ns: None,
            last: None,
            levels: Levels::new(self.duration_ns),
        };
        let ended = rows.read(&mut table, &mut mistakes);
        mistakes.tell(self.files.sources, self.diagnostics);
        let outside = ended && rows.is_outside();
        if outside {
            let from = value(node, "from").unwrap_or(path);
            self.diagnostics.push(rules::trace_outside_run::found(from.span));
        }
        (!outside).then(|| rows.levels.done())
    }
}

/// A row, and how long it may hold.
#[derive(Clone, Copy, Debug)]
struct Row {
    time_ns: i64,
    value: f64,
}

/// What is known of the rows so far; all times are those of the file.
struct Rows {
    unit: Unit,
    is_stamped: bool,
    scale: f64,
    duration_ns: i64,
    /// Where the run begins.
    begin_ns: Option<i64>,
    first_ns: Option<i64>,
    /// The distance of the first two rows, which all others should have.
    step_ns: Option<i64>,
    last: Option<Row>,
    levels: Levels,
}

impl Rows {
    /// Reads to the end of the run; `true` if all rows up to there were looked at.
    fn read(&mut self, table: &mut Table, mistakes: &mut Mistakes) -> bool {
        while !mistakes.are_enough() {
            let line = match table.line() {
                Some(Ok(line)) => line,
                Some(Err(wrong)) => {
                    let goes_on = wrong.why == Why::Encoding;
                    mistakes.unreadable(wrong);
                    if goes_on {
                        continue;
                    }
                    return false;
                }
                None => {
                    self.end(mistakes);
                    return true;
                }
            };
            let Some(row) = self.row(&line, mistakes) else { continue };
            if self.take(row, &line, mistakes) {
                return true;
            }
        }
        false
    }

    fn row(&self, line: &Line, mistakes: &mut Mistakes) -> Option<Row> {
        let Some([time, count]) = fields(line.text) else {
            mistakes.add(Kind::Fields, line, 0..line.text.len());
            return None;
        };
        let time_ns = if self.is_stamped {
            header::stamp_ns(&line.text[time.clone()])
        } else {
            header::seconds_ns(&line.text[time.clone()])
        };
        let number = line.text[count.clone()].parse::<f64>().ok();
        let wrong = match number {
            None => Some(Kind::Number),
            Some(number) if !number.is_finite() => Some(Kind::NotFinite),
            Some(number) if number < 0.0 => Some(Kind::Negative),
            Some(_) => None,
        };
        if time_ns.is_none() {
            mistakes.add(Kind::Time, line, time);
        } else if let Some(kind) = wrong {
            mistakes.add(kind, line, count);
        }
        Some(Row { time_ns: time_ns?, value: number.filter(|_| wrong.is_none())? })
    }

    /// Takes the next row; `true` if the run ends before it.
    fn take(&mut self, row: Row, line: &Line, mistakes: &mut Mistakes) -> bool {
        let first_ns = if self.is_stamped { row.time_ns } else { 0 };
        let begin_ns = *self.begin_ns.get_or_insert(first_ns);
        self.first_ns.get_or_insert(row.time_ns);
        if let Some(last) = self.last {
            let field = fields(line.text).map_or(0..0, |[time, _]| time);
            if row.time_ns <= last.time_ns {
                let kind = if row.time_ns == last.time_ns { Kind::Duplicate } else { Kind::Unsorted };
                mistakes.add(kind, line, field);
                return false;
            }
            let distance_ns = row.time_ns.saturating_sub(last.time_ns);
            self.step_ns.get_or_insert(distance_ns);
            let within = last.time_ns < begin_ns.saturating_add(self.duration_ns) && row.time_ns > begin_ns;
            if self.hold(last, row.time_ns) && within {
                mistakes.add(Kind::Gap, line, field);
            }
        }
        self.last = Some(row);
        row.time_ns.saturating_sub(begin_ns) >= self.duration_ns
    }

    /// The file ends: its last rate holds to the end of the run.
    fn end(&mut self, mistakes: &mut Mistakes) {
        let (Some(last), Some(begin_ns)) = (self.last, self.begin_ns) else {
            mistakes.no_rows();
            return;
        };
        let end_ns = begin_ns.saturating_add(self.duration_ns);
        if self.hold(last, end_ns) && !self.is_outside() {
            mistakes.short(end_ns - last.time_ns - self.step_ns.unwrap_or(0));
        }
    }

    /// A rate holds until a time; `true` if that is much longer than from one row to the next.
    fn hold(&mut self, row: Row, until_ns: i64) -> bool {
        let length_ns = until_ns.saturating_sub(row.time_ns);
        let step_ns = self.step_ns.unwrap_or(length_ns);
        let gap = length_ns > step_ns.saturating_add(step_ns / 2);
        let per_second = self.unit.per_second(row.value, if gap { step_ns } else { length_ns }) * self.scale;
        let begin_ns = self.begin_ns.unwrap_or(row.time_ns);
        let within =
            |time_ns: i64| time_ns.saturating_sub(begin_ns).clamp(0, self.duration_ns).unsigned_abs();
        self.levels.add(within(row.time_ns), within(until_ns), per_second);
        gap
    }

    /// Whether the run begins before the first row or when the last one is over.
    fn is_outside(&self) -> bool {
        let (Some(begin_ns), Some(first_ns), Some(last)) = (self.begin_ns, self.first_ns, self.last) else {
            return false;
        };
        let over_ns = last.time_ns.saturating_add(self.step_ns.unwrap_or(i64::MAX));
        self.is_stamped && begin_ns < first_ns || begin_ns >= over_ns
    }
}
