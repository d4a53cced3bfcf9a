//! When a step ran. A step may end and begin again: once to find out what it depends on, once to
//! do its work. What counts is the union of those spans.

use std::collections::BTreeMap;

use jiff::Timestamp;

/// A span of work; one without an end still runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Interval {
    pub(super) start: Timestamp,
    pub(super) stop: Option<Timestamp>,
}

impl Interval {
    /// Its length, up to `now` if it still runs.
    fn seconds(self, now: Timestamp) -> f64 {
        seconds_between(self.start, self.stop.unwrap_or(now))
    }
}

/// Seconds from `start` to `end`.
pub(super) fn seconds_between(start: Timestamp, end: Timestamp) -> f64 {
    end.duration_since(start).as_secs_f64()
}

/// The spans of one step, keyed by their beginning: later news of a span replaces earlier news.
#[derive(Debug, Clone, Default)]
pub(super) struct Intervals(BTreeMap<Timestamp, Option<Timestamp>>);

impl Intervals {
    /// Takes news of one span; false if nothing about it is new.
    pub(super) fn record(&mut self, start: Timestamp, stop: Option<Timestamp>) -> bool {
        self.0.insert(start, stop) != Some(stop)
    }

    /// The spans without overlaps, oldest first. A span that still runs takes in all later ones.
    pub(super) fn merged(&self) -> Vec<Interval> {
        let mut merged: Vec<Interval> = Vec::new();
        for (&start, &stop) in &self.0 {
            let Some(last) = merged.last_mut() else {
                merged.push(Interval { start, stop });
                continue;
            };
            match last.stop {
                None => break,
                Some(end) if end < start => merged.push(Interval { start, stop }),
                Some(end) => last.stop = stop.map(|stop| stop.max(end)),
            }
        }
        merged
    }

    /// The latest span without overlaps.
    pub(super) fn latest(&self) -> Option<Interval> {
        self.merged().pop()
    }

    /// Whether the step ever began.
    pub(super) fn is_started(&self) -> bool {
        !self.0.is_empty()
    }

    /// Whether the step began and does not run now.
    pub(super) fn is_completed(&self) -> bool {
        self.latest().is_some_and(|latest| latest.stop.is_some())
    }

    /// How long the step worked, up to `now` if it still does.
    pub(super) fn seconds(&self, now: Timestamp) -> f64 {
        self.merged().into_iter().map(|i| i.seconds(now)).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    type Spans = &'static [(i64, i64)];

    /// An end of 0 stands for a span that still runs.
    fn merge(spans: &[(i64, i64)]) -> Vec<(i64, i64)> {
        let mut intervals = Intervals::default();
        for &(start, stop) in spans {
            intervals.record(at(start), Some(at(stop)).filter(|_| stop != 0));
        }
        let merged = intervals.merged().into_iter();
        merged
            .map(|i| (i.start.as_second(), i.stop.map_or(0, Timestamp::as_second)))
            .collect()
    }

    #[test]
    fn overlapping_spans_become_one() {
        let table: [(Spans, Spans); 9] = [
            (&[], &[]),
            (&[(2, 4), (2, 4)], &[(2, 4)]),
            (&[(1, 2), (3, 4), (7, 8)], &[(1, 2), (3, 4), (7, 8)]),
            (&[(1, 10), (2, 3), (4, 9), (9, 10)], &[(1, 10)]),
            (
                &[(1, 3), (2, 5), (4, 8), (10, 12), (11, 14)],
                &[(1, 8), (10, 14)],
            ),
            (&[(1, 2), (2, 4), (4, 6)], &[(1, 6)]),
            (&[(1, 5), (6, 0)], &[(1, 5), (6, 0)]),
            (&[(1, 0), (3, 5), (7, 8)], &[(1, 0)]),
            (&[(30, 31), (32, 35), (33, 0)], &[(30, 31), (32, 0)]),
        ];
        for (spans, merged) in table {
            assert_eq!(merge(spans), merged, "{spans:?}");
        }
    }

    #[test]
    fn later_news_of_a_span_replaces_earlier_news() {
        let mut intervals = Intervals::default();
        assert!(intervals.record(at(1), None));
        assert!(!intervals.record(at(1), None));
        assert!(!intervals.is_completed());
        assert!(intervals.record(at(1), Some(at(3))));
        assert!(intervals.is_completed());
        assert!((intervals.seconds(at(9)) - 2.0).abs() < 1e-9);
    }
}
