//! Periodic reports: which span a report covers, by when each level must send it, and how it goes up.
//!
//! Decree 09/2019/NĐ-CP (Articles 12 and 13): one deadline for each level, at least one working day after the data
//! close; a month closes on the 14th. No national rule fixes weeks: their start is a setting.

use jiff::{
    ToSpan as _,
    civil::{Date, Weekday},
};

use crate::{calendar::Calendar, period::Week};

/// Day of the month on which a month's data close (Decree 09/2019/NĐ-CP, Article 12).
pub const MONTH_CLOSES_ON: i8 = 14;

/// Most working days that a level may be given after the cut-off.
pub const LEAD_DAYS_MAX: u32 = 20;

/// Longest span of an ad hoc report, in days.
pub const AD_HOC_DAYS_MAX: i64 = 366;

/// What kind of period a report covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Seven days from the configured weekday.
    Weekly,
    /// From the 15th to the 14th.
    Monthly,
    /// Any days, opened by hand.
    AdHoc,
}

impl Kind {
    /// Every kind, in the order shown.
    pub const ALL: [Self; 3] = [Self::Weekly, Self::Monthly, Self::AdHoc];

    /// Stable code, as stored.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Weekly => "weekly",
            Self::Monthly => "monthly",
            Self::AdHoc => "ad_hoc",
        }
    }

    /// Vietnamese name; the catalogue translates it.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Weekly => "Báo cáo tuần",
            Self::Monthly => "Báo cáo tháng",
            Self::AdHoc => "Báo cáo đột xuất",
        }
    }

    /// The kind of a stored code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// The days of a report, half-open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// First day.
    pub from: Date,
    /// Day after the last; its beginning is the cut-off.
    pub until: Date,
}

impl Span {
    /// Last day.
    #[must_use]
    pub fn last(self) -> Date {
        self.until.saturating_sub(1.days())
    }

    /// The latest span of a kind that has ended before `today` begins; none for ad hoc reports.
    #[must_use]
    pub fn last_closed(kind: Kind, today: Date, starts: Weekday) -> Option<Self> {
        match kind {
            Kind::Weekly => {
                let week = Week::last_closed(today, starts);
                Some(Self { from: week.from, until: week.until })
            }
            Kind::Monthly => {
                let this = today.first_of_month().saturating_add(i64::from(MONTH_CLOSES_ON).days());
                let until = if this <= today { this } else { this.saturating_sub(1.month()) };
                Some(Self { from: until.saturating_sub(1.month()), until })
            }
            Kind::AdHoc => None,
        }
    }

    /// The span of the same kind that follows; the same number of days for ad hoc ones.
    #[must_use]
    pub fn next(self, kind: Kind) -> Self {
        let until = match kind {
            Kind::Weekly => self.until.saturating_add(7.days()),
            Kind::Monthly => self.until.saturating_add(1.month()),
            Kind::AdHoc => self.until.saturating_add(self.days().days()),
        };
        Self { from: self.until, until }
    }

    /// The span of the same kind before, which changes are counted from.
    #[must_use]
    pub fn before(self, kind: Kind) -> Self {
        let from = match kind {
            Kind::Weekly => self.from.saturating_sub(7.days()),
            Kind::Monthly => self.from.saturating_sub(1.month()),
            Kind::AdHoc => self.from.saturating_sub(self.days().days()),
        };
        Self { from, until: self.from }
    }

    fn days(self) -> i64 {
        i64::from(self.from.until(self.until).map_or(0, |span| span.get_days()))
    }

    /// Checks the days that somebody typed for an ad hoc report.
    ///
    /// # Errors
    /// [`SpanError`] names what is wrong.
    pub fn ad_hoc(from: Date, last: Date, today: Date) -> Result<Self, SpanError> {
        let span = Self { from, until: last.saturating_add(1.days()) };
        if last < from {
            return Err(SpanError::Backwards);
        }
        if span.until > today {
            return Err(SpanError::NotOver);
        }
        if span.days() > AD_HOC_DAYS_MAX {
            return Err(SpanError::TooLong);
        }
        Ok(span)
    }
}

/// Why days cannot be a report's span.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SpanError {
    /// The last day lies before the first.
    #[error("the last day is before the first")]
    Backwards,
    /// The last day is today or later: figures freeze only when a span is over.
    #[error("the span is not over")]
    NotOver,
    /// Longer than [`AD_HOC_DAYS_MAX`].
    #[error("the span is too long")]
    TooLong,
}

/// The level at which a report is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Xã, phường, thị trấn.
    Commune,
    /// Huyện, thị xã, thành phố.
    District,
    /// Sở, ban, ngành, đoàn thể.
    Department,
    /// Sở TTTT, for the whole province.
    Province,
}

impl Level {
    /// The level of an office by its code in the tree.
    #[must_use]
    pub fn of(code: &str) -> Option<Self> {
        Some(match code {
            "commune" => Self::Commune,
            "district" => Self::District,
            "department" => Self::Department,
            "province" => Self::Province,
            _ => return None,
        })
    }
}

/// Working days after the cut-off that each level has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lead {
    /// Communes.
    pub commune: u32,
    /// Districts.
    pub district: u32,
    /// Departments.
    pub department: u32,
    /// Sở TTTT.
    pub province: u32,
}

/// What is wrong with a template's working days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LeadError {
    /// A level has no full working day (Decree 09/2019, Article 13).
    #[error("each level needs at least one working day")]
    BelowOne,
    /// Above [`LEAD_DAYS_MAX`].
    #[error("too many working days")]
    TooMany,
    /// A lower level would be due after the level that reads it.
    #[error("a lower level is due after the level above")]
    Order,
}

impl Lead {
    /// What holds until somebody changes it: the commune a day, the district and the departments two, Sở TTTT three.
    pub const DEFAULT: Self = Self { commune: 1, district: 2, department: 2, province: 3 };

    /// Checks order and bounds.
    ///
    /// # Errors
    /// [`LeadError`] names the rule that is broken.
    pub fn checked(self) -> Result<Self, LeadError> {
        let all = [self.commune, self.district, self.department, self.province];
        if all.contains(&0) {
            return Err(LeadError::BelowOne);
        }
        if all.iter().any(|days| *days > LEAD_DAYS_MAX) {
            return Err(LeadError::TooMany);
        }
        let in_order = self.commune <= self.district && self.district <= self.province;
        if in_order && self.department <= self.province { Ok(self) } else { Err(LeadError::Order) }
    }

    /// Last day on which each level is on time.
    #[must_use]
    pub fn deadlines(self, span: Span, calendar: &Calendar) -> Deadlines {
        let after = |days: u32| calendar.after(span.last(), days.max(1));
        Deadlines {
            commune: after(self.commune),
            district: after(self.district),
            department: after(self.department),
            province: after(self.province),
        }
    }
}

/// Last day on which each level's report is on time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadlines {
    /// Communes.
    pub commune: Date,
    /// Districts.
    pub district: Date,
    /// Departments.
    pub department: Date,
    /// Sở TTTT.
    pub province: Date,
}

impl Deadlines {
    /// The deadline of a level.
    #[must_use]
    pub const fn of(&self, level: Level) -> Date {
        match level {
            Level::Commune => self.commune,
            Level::District => self.district,
            Level::Department => self.department,
            Level::Province => self.province,
        }
    }
}

/// Where a report stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// The system made it; the unit has not sent it.
    Draft,
    /// Sent to the level above.
    Submitted,
    /// Sent back with a reason, to be mended and sent again.
    Returned,
    /// Taken by the level above.
    Accepted,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Draft, Self::Submitted, Self::Returned, Self::Accepted];

    /// Stable code, as stored.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Submitted => "submitted",
            Self::Returned => "returned",
            Self::Accepted => "accepted",
        }
    }

    /// Vietnamese name; the catalogue translates it.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Draft => "Chưa gửi",
            Self::Submitted => "Đã gửi, chờ tiếp nhận",
            Self::Returned => "Bị trả lại",
            Self::Accepted => "Đã tiếp nhận",
        }
    }

    /// The state of a stored code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }

    /// True while the unit may change and send it.
    #[must_use]
    pub const fn is_editable(self) -> bool {
        matches!(self, Self::Draft | Self::Returned)
    }
}

/// How a report stands against its deadline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Punctuality {
    /// Sent by the deadline.
    OnTime,
    /// Sent so many working days after the deadline.
    Late(u32),
    /// Not sent, and the deadline is not over.
    Waiting,
    /// Not sent, so many working days after the deadline.
    Silent(u32),
}

/// Compares the day of the first sending with the deadline. A day off after the deadline makes nobody later, but
/// whoever sends on such a day is late by one.
#[must_use]
pub fn punctuality(due: Date, sent: Option<Date>, today: Date, calendar: &Calendar) -> Punctuality {
    let late = |day: Date| calendar.working_days_between(due, day).max(1);
    match sent {
        Some(day) if day <= due => Punctuality::OnTime,
        Some(day) => Punctuality::Late(late(day)),
        None if today <= due => Punctuality::Waiting,
        None => Punctuality::Silent(late(today)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn week() -> Span {
        Span { from: date(2021, 11, 5), until: date(2021, 11, 12) }
    }

    #[test]
    fn months_close_on_the_14th() {
        let of = |today| Span::last_closed(Kind::Monthly, today, Weekday::Friday);
        let november = Span { from: date(2021, 10, 15), until: date(2021, 11, 15) };
        assert_eq!(of(date(2021, 11, 15)), Some(november));
        assert_eq!(of(date(2021, 12, 14)), Some(november));
        assert_eq!(of(date(2021, 11, 14)), Some(november.before(Kind::Monthly)));
        assert_eq!(november.last(), date(2021, 11, 14));
        assert_eq!(november.next(Kind::Monthly).before(Kind::Monthly), november);
    }

    #[test]
    fn weeks_follow_one_another_without_a_gap() {
        let last = Span::last_closed(Kind::Weekly, date(2021, 11, 12), Weekday::Friday);
        assert_eq!(last, Some(week()));
        assert_eq!(week().next(Kind::Weekly).from, week().until);
        assert_eq!(week().before(Kind::Weekly).until, week().from);
        assert_eq!(Span::last_closed(Kind::AdHoc, date(2021, 11, 12), Weekday::Friday), None);
    }

    #[test]
    fn an_ad_hoc_span_is_over_and_runs_forward() {
        let today = date(2021, 11, 12);
        let of = |from, last| Span::ad_hoc(from, last, today);
        assert_eq!(of(date(2021, 11, 5), date(2021, 11, 11)), Ok(week()));
        assert_eq!(of(date(2021, 11, 5), today), Err(SpanError::NotOver));
        assert_eq!(of(date(2021, 11, 5), date(2021, 11, 4)), Err(SpanError::Backwards));
        assert_eq!(of(date(2019, 11, 5), date(2021, 11, 4)), Err(SpanError::TooLong));
    }

    #[test]
    fn deadlines_skip_days_off() {
        // Thursday 2 and Friday 3 September 2021 were National Day.
        let calendar = Calendar::new([date(2021, 9, 2), date(2021, 9, 3)]);
        let span = Span { from: date(2021, 8, 27), until: date(2021, 9, 3) };
        let deadlines = Lead::DEFAULT.deadlines(span, &calendar);
        assert_eq!(deadlines.of(Level::Commune), date(2021, 9, 6));
        assert_eq!(deadlines.of(Level::District), date(2021, 9, 7));
        assert_eq!(deadlines.of(Level::Province), date(2021, 9, 8));
    }

    #[test]
    fn working_days_of_levels_have_an_order_and_a_least() {
        let of = |commune, district, department, province| {
            Lead { commune, district, department, province }.checked()
        };
        assert!(of(1, 1, 1, 1).is_ok());
        assert_eq!(of(0, 1, 1, 1), Err(LeadError::BelowOne));
        assert_eq!(of(2, 1, 1, 3), Err(LeadError::Order));
        assert_eq!(of(1, 2, 4, 3), Err(LeadError::Order));
        assert_eq!(of(1, 2, 3, 21), Err(LeadError::TooMany));
    }

    #[test]
    fn lateness_counts_working_days() {
        let (calendar, due) = (Calendar::default(), date(2021, 11, 12));
        let of = |sent: Option<Date>, today| punctuality(due, sent, today, &calendar);
        assert_eq!(of(Some(due), date(2021, 12, 1)), Punctuality::OnTime);
        assert_eq!(of(Some(date(2021, 11, 13)), date(2021, 12, 1)), Punctuality::Late(1), "a Saturday");
        assert_eq!(of(Some(date(2021, 11, 16)), date(2021, 12, 1)), Punctuality::Late(2));
        assert_eq!(of(None, due), Punctuality::Waiting);
        assert_eq!(of(None, date(2021, 11, 15)), Punctuality::Silent(1));
    }

    #[test]
    fn codes_round_trip() {
        assert!(State::ALL.iter().all(|state| State::from_code(state.code()) == Some(*state)));
        assert!(Kind::ALL.iter().all(|kind| Kind::from_code(kind.code()) == Some(*kind)));
        assert!(State::Returned.is_editable() && !State::Accepted.is_editable());
    }
}
