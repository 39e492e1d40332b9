//! Campaigns: how people were told, and the weeks that are compared before and after.

use jiff::civil::Date;

use crate::time::day_number;

/// Counts below which a number is not shown outside the owner's own place.
pub const SMALL: i64 = 10;

/// How people were told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Training of officers, gate keepers or owners.
    Training,
    /// Loudspeakers of communes, villages and markets.
    Loudspeaker,
    /// Leaflets and posters.
    Leaflet,
    /// Visits from door to door.
    Visit,
    /// Social media.
    SocialMedia,
    /// Something else.
    Other,
}

impl Method {
    /// Every method.
    pub const ALL: [Self; 6] =
        [Self::Training, Self::Loudspeaker, Self::Leaflet, Self::Visit, Self::SocialMedia, Self::Other];

    /// Stable code, as stored.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Training => "training",
            Self::Loudspeaker => "loudspeaker",
            Self::Leaflet => "leaflet",
            Self::Visit => "visit",
            Self::SocialMedia => "social_media",
            Self::Other => "other",
        }
    }

    /// The method of a stored code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.code() == code)
    }
}

/// A week that is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Span {
    /// The seven days before the campaign.
    Before,
    /// The seven days after it.
    Week1,
    /// Days 22 to 28 after it.
    Week4,
}

impl Span {
    /// Every span, in order of time.
    pub const ALL: [Self; 3] = [Self::Before, Self::Week1, Self::Week4];

    /// Stable code, as stored.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Before => "before",
            Self::Week1 => "week1",
            Self::Week4 => "week4",
        }
    }

    /// First local day number of the seven; `from` is the campaign's first day, `until` its last.
    #[must_use]
    pub fn first_day(self, from: Date, until: Date) -> i64 {
        match self {
            Self::Before => day_number(from) - 7,
            Self::Week1 => day_number(until) + 1,
            Self::Week4 => day_number(until) + 22,
        }
    }
}

/// The change from one count to another in percent, rounded; `None` where either is too small to say anything.
#[must_use]
pub fn change_percent(before: i64, after: i64) -> Option<i64> {
    if before < SMALL || after < SMALL {
        return None;
    }
    let change = (after - before).saturating_mul(200) / before;
    Some((change + change.signum()) / 2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn the_weeks_touch_the_campaign_and_not_one_another() {
        let (from, until) = (date(2021, 10, 11), date(2021, 10, 13));
        let first = |span: Span| span.first_day(from, until) - day_number(from);
        assert_eq!(Span::ALL.map(first), [-7, 3, 24]);
    }

    #[test]
    fn small_counts_give_no_change() {
        assert_eq!(change_percent(9, 100), None);
        assert_eq!(change_percent(100, 9), None);
        assert_eq!(change_percent(40, 50), Some(25));
        assert_eq!(change_percent(30, 20), Some(-33));
        assert_eq!(change_percent(1000, 1005), Some(1));
    }
}
