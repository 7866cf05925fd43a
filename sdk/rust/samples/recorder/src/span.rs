//! Spans of time, and what is left of one when others are taken out.
use std::time::SystemTime;

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Span {
    pub from: SystemTime,
    /// `None` while it lasts.
    pub to: Option<SystemTime>,
}

impl Span {
    pub fn is_over(&self) -> bool {
        self.to.is_some()
    }
}

/// Joins spans that overlap or touch.
pub fn merged(mut spans: Vec<Span>) -> Vec<Span> {
    spans.sort_by_key(|span| span.from);
    let mut joined: Vec<Span> = Vec::with_capacity(spans.len());
    for span in spans {
        match joined.last_mut() {
            Some(last) if last.to.is_none_or(|to| span.from <= to) => {
                last.to = last.to.and_then(|to| span.to.map(|other| to.max(other)));
            }
            _ => joined.push(span),
        }
    }
    joined
}

/// What the pauses, which are in order and apart, leave of a time.
pub fn without(
    from: SystemTime,
    to: SystemTime,
    pauses: &[(SystemTime, SystemTime)],
) -> Vec<(SystemTime, SystemTime)> {
    let begins = [from].into_iter().chain(pauses.iter().map(|pause| pause.1));
    let ends = pauses.iter().map(|pause| pause.0).chain([to]);
    begins
        .zip(ends)
        .filter(|(begin, end)| begin < end)
        .collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn at(second: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(second)
    }

    fn span(from: u64, to: Option<u64>) -> Span {
        Span {
            from: at(from),
            to: to.map(at),
        }
    }

    #[test]
    fn spans_that_overlap_are_one() {
        let spans = vec![
            span(5, Some(9)),
            span(1, Some(3)),
            span(2, Some(4)),
            span(8, None),
        ];
        assert_eq!(merged(spans), [span(1, Some(4)), span(5, None)]);
    }

    #[test]
    fn pauses_are_taken_out() {
        let pauses = [(at(1), at(2)), (at(4), at(6))];
        assert_eq!(
            without(at(1), at(9), &pauses),
            [(at(2), at(4)), (at(6), at(9))]
        );
        assert_eq!(without(at(1), at(9), &[]), [(at(1), at(9))]);
    }
}
