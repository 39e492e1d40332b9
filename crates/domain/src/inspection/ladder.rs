//! What follows when a place does not mend what was found: three reminders, then a proposal to suspend, as Hà Nội
//! did. Days are working days after the earliest deadline that passed; how many is a setting.

use jiff::civil::Date;

use crate::calendar::Calendar;

/// Reminders before a proposal to suspend.
pub const REMINDERS: i64 = 3;

/// The days of the ladder, in working days after the deadline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ladder {
    /// When each reminder is sent.
    pub reminders: [u32; 3],
    /// When the proposal is made.
    pub proposal: u32,
}

impl Default for Ladder {
    /// The day after the deadline, then every third working day.
    fn default() -> Self {
        Self { reminders: [1, 4, 7], proposal: 10 }
    }
}

/// What to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Send the reminder of this number, from 1.
    Remind(i64),
    /// Propose to suspend.
    Propose,
}

impl Ladder {
    /// Reads a setting of four rising numbers, `1,4,7,10`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let days: Vec<u32> = text.split(',').map(|part| part.trim().parse().ok()).collect::<Option<_>>()?;
        let [first, second, third, proposal] = days.try_into().ok()?;
        let rises = first >= 1 && first < second && second < third && third < proposal && proposal <= 200;
        rises.then_some(Self { reminders: [first, second, third], proposal })
    }

    /// The step due today for findings whose earliest deadline was `due_on`, after `sent` reminders of which the
    /// last went out on `last_sent_on`. One step a day at most: a server that was away does not send three at once.
    #[must_use]
    pub fn step(
        &self,
        due_on: Date,
        sent: i64,
        last_sent_on: Option<Date>,
        today: Date,
        calendar: &Calendar,
    ) -> Option<Step> {
        if last_sent_on.is_some_and(|last| last >= today) || !calendar.is_working(today) {
            return None;
        }
        let late = calendar.working_days_between(due_on, today);
        let next = usize::try_from(sent).ok()?;
        match self.reminders.get(next) {
            Some(days) => (late >= *days).then_some(Step::Remind(sent + 1)),
            None => (late >= self.proposal).then_some(Step::Propose),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::{ToSpan as _, civil::date};

    #[test]
    fn three_reminders_then_a_proposal() {
        let (ladder, calendar) = (Ladder::default(), Calendar::default());
        // Wednesday 10 November 2021 is the deadline.
        let due = date(2021, 11, 10);
        let (mut sent, mut last, mut steps) = (0, None, Vec::new());
        for day in 0..30 {
            let today = due.saturating_add(i64::from(day).days());
            match ladder.step(due, sent, last, today, &calendar) {
                Some(Step::Remind(number)) => {
                    assert_eq!(number, sent + 1);
                    (sent, last) = (number, Some(today));
                    steps.push(today);
                }
                Some(Step::Propose) => {
                    steps.push(today);
                    break;
                }
                None => {}
            }
        }
        assert_eq!(steps, [date(2021, 11, 11), date(2021, 11, 16), date(2021, 11, 19), date(2021, 11, 24)]);
    }

    #[test]
    fn a_server_that_was_away_takes_one_step_a_day() {
        let (ladder, calendar) = (Ladder::default(), Calendar::default());
        let (due, today) = (date(2021, 11, 10), date(2021, 12, 15));
        assert_eq!(ladder.step(due, 0, None, today, &calendar), Some(Step::Remind(1)));
        assert_eq!(ladder.step(due, 1, Some(today), today, &calendar), None);
        assert_eq!(ladder.step(due, 1, Some(today), date(2021, 12, 16), &calendar), Some(Step::Remind(2)));
        assert_eq!(ladder.step(due, 0, None, date(2021, 12, 18), &calendar), None, "a Saturday");
        assert_eq!(ladder.step(due, 0, None, due, &calendar), None, "the deadline itself is in time");
    }

    #[test]
    fn a_setting_rises_or_is_none() {
        assert_eq!(Ladder::parse("1, 4,7,10"), Some(Ladder::default()));
        for wrong in ["", "1,2,3", "1,1,3,4", "0,1,2,3", "1,2,3,x", "1,2,3,4,5"] {
            assert_eq!(Ladder::parse(wrong), None, "{wrong}");
        }
    }
}
