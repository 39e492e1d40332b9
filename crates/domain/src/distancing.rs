//! Distancing levels, dated per unit. The letter's target applies where Directive 16 does not.

/// A distancing level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// No measure in force.
    None,
    /// Directive 15/CT-TTg (27 March 2020).
    Directive15,
    /// Directive 16/CT-TTg (31 March 2020): social distancing; the target is suspended.
    Directive16,
    /// Directive 19/CT-TTg (24 April 2020).
    Directive19,
    /// Resolution 128/NQ-CP (11 October 2021), level 1, green.
    Level1,
    /// Level 2, yellow.
    Level2,
    /// Level 3, orange.
    Level3,
    /// Level 4, red.
    Level4,
}

impl Level {
    /// Every level.
    pub const ALL: [Self; 8] = [
        Self::None,
        Self::Directive19,
        Self::Directive15,
        Self::Directive16,
        Self::Level1,
        Self::Level2,
        Self::Level3,
        Self::Level4,
    ];

    /// Stable code, as stored.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Directive15 => "ct15",
            Self::Directive16 => "ct16",
            Self::Directive19 => "ct19",
            Self::Level1 => "nq128-1",
            Self::Level2 => "nq128-2",
            Self::Level3 => "nq128-3",
            Self::Level4 => "nq128-4",
        }
    }

    /// Vietnamese name; the catalogue translates it.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::None => "Không giãn cách",
            Self::Directive15 => "Chỉ thị 15",
            Self::Directive16 => "Chỉ thị 16",
            Self::Directive19 => "Chỉ thị 19",
            Self::Level1 => "Cấp 1 (xanh)",
            Self::Level2 => "Cấp 2 (vàng)",
            Self::Level3 => "Cấp 3 (cam)",
            Self::Level4 => "Cấp 4 (đỏ)",
        }
    }

    /// The level of a stored code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.code() == code)
    }

    /// True where the letter's target applies.
    #[must_use]
    pub const fn target_applies(self) -> bool {
        !matches!(self, Self::Directive16)
    }
}

/// A dated level of a unit.
#[derive(Debug, Clone)]
pub struct DatedLevel {
    /// Unit it was set for.
    pub unit_id: i64,
    /// The level.
    pub level: Level,
    /// First day, ISO date.
    pub from_on: String,
    /// Day after the last, ISO date.
    pub until_on: Option<String>,
}

/// The level in force on a day for a unit, whose chain of offices is given from itself upward: the nearest
/// office with a level of its own decides, and of several the one that began last.
#[must_use]
pub fn level_on(levels: &[DatedLevel], chain: &[i64], date: &str) -> Level {
    chain
        .iter()
        .find_map(|unit| {
            levels
                .iter()
                .filter(|level| level.unit_id == *unit && level.from_on.as_str() <= date)
                .filter(|level| level.until_on.as_deref().is_none_or(|until| date < until))
                .max_by(|a, b| a.from_on.cmp(&b.from_on))
        })
        .map_or(Level::None, |level| level.level)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dated(unit_id: i64, level: Level, from: &str, until: Option<&str>) -> DatedLevel {
        DatedLevel { unit_id, level, from_on: from.into(), until_on: until.map(str::to_owned) }
    }

    #[test]
    fn the_nearest_office_decides_on_its_day() {
        let levels = [
            dated(1, Level::Directive15, "2021-08-01", None),
            dated(3, Level::Directive16, "2021-09-10", Some("2021-09-25")),
        ];
        assert_eq!(level_on(&levels, &[3, 2, 1], "2021-09-18"), Level::Directive16);
        assert_eq!(level_on(&levels, &[4, 2, 1], "2021-09-18"), Level::Directive15);
        assert_eq!(level_on(&levels, &[3, 2, 1], "2021-09-25"), Level::Directive15);
        assert_eq!(level_on(&levels, &[3, 2, 1], "2021-07-31"), Level::None);
    }

    #[test]
    fn only_directive_16_suspends_the_target() {
        let suspended: Vec<_> = Level::ALL.into_iter().filter(|level| !level.target_applies()).collect();
        assert_eq!(suspended, [Level::Directive16]);
    }
}
