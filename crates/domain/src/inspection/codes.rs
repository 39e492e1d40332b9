//! What a poster's code is worth at the door where it hangs. The phone decides the same from the codes that it
//! downloaded (`static/inspect/verdict.js`), and the server decides again.

use jiff::civil::Date;

use crate::card::{self, Kind, Verdict};

/// What a scanned code is, at the place under inspection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CodeVerdict {
    /// In force, and of this place.
    Right,
    /// Of our system, but of another place.
    Elsewhere,
    /// Of this place, but no longer in force.
    Retired,
    /// Of another system.
    Foreign,
    /// No code of a place, or not to be read.
    Unreadable,
}

impl CodeVerdict {
    /// All.
    pub const ALL: [Self; 5] = [Self::Right, Self::Elsewhere, Self::Retired, Self::Foreign, Self::Unreadable];

    /// Stable code, as stored.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Right => "right",
            Self::Elsewhere => "elsewhere",
            Self::Retired => "retired",
            Self::Foreign => "foreign",
            Self::Unreadable => "unreadable",
        }
    }

    /// In Vietnamese; the catalogue translates it.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Right => "Đúng mã của nơi này",
            Self::Elsewhere => "Mã của nơi khác",
            Self::Retired => "Mã đã thu hồi",
            Self::Foreign => "Mã của hệ thống khác",
            Self::Unreadable => "Không đọc được",
        }
    }

    /// The verdict of a stored code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|verdict| verdict.code() == code)
    }
}

/// A code as judged: the verdict, and what may be kept of it (ten characters of ours, or a foreign system's name).
/// Of anything else nothing is kept: somebody may have held a card before the camera.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// The verdict.
    pub verdict: CodeVerdict,
    /// Our code, or the name of the foreign system; else empty.
    pub kept: String,
}

/// Judges what was scanned or typed, against the place's codes: `in_force` and `retired` hold ten characters each.
#[must_use]
pub fn judge(text: &str, in_force: &[String], retired: &[String], today: Date) -> Judged {
    let reading = card::read(text, today);
    let judged = |verdict, kept: &str| Judged { verdict, kept: kept.to_owned() };
    match (reading.kind, reading.verdict, reading.fields.place_code) {
        (Kind::Place, Verdict::Accept | Verdict::Warn, Some(code)) => {
            let code = code.as_str();
            let is_in = |codes: &[String]| codes.iter().any(|known| known == code);
            let verdict = if is_in(in_force) {
                CodeVerdict::Right
            } else if is_in(retired) {
                CodeVerdict::Retired
            } else {
                CodeVerdict::Elsewhere
            };
            judged(verdict, code)
        }
        (Kind::Foreign, ..) => judged(CodeVerdict::Foreign, reading.system.unwrap_or_default()),
        _ => judged(CodeVerdict::Unreadable, ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::code::PlaceCode;

    #[test]
    fn a_code_is_judged_where_it_hangs() {
        let today = jiff::civil::date(2021, 11, 10);
        let code = |random| PlaceCode::from_random(random).as_str().to_owned();
        let (here, old, other) = (code(1), code(2), code(3));
        let (in_force, retired) = (vec![here.clone()], vec![old.clone()]);
        let of = |text: &str| judge(text, &in_force, &retired, today);
        let link = format!("HTTPS://QR.DAKLAK.GOV.VN/D/{here}");
        assert_eq!(of(&link), Judged { verdict: CodeVerdict::Right, kept: here.clone() });
        assert_eq!(of(&here.to_lowercase()).verdict, CodeVerdict::Right, "typed");
        assert_eq!(of(&old).verdict, CodeVerdict::Retired);
        assert_eq!(of(&other).verdict, CodeVerdict::Elsewhere);
        assert_eq!(of("https://tokhaiyte.vn/?page=x").verdict, CodeVerdict::Foreign);
        assert_eq!(of("một tờ giấy").verdict, CodeVerdict::Unreadable);
        for verdict in CodeVerdict::ALL {
            assert_eq!(CodeVerdict::from_code(verdict.code()), Some(verdict));
        }
    }

    #[test]
    fn nothing_is_kept_of_a_card_held_before_the_camera() {
        let card = "066095001234|241234567|Y Nguyễn Văn A|01021995|Nam|Tân Lập, Đắk Lắk|15042021";
        let judged = judge(card, &[], &[], jiff::civil::date(2021, 11, 10));
        assert_eq!(judged, Judged { verdict: CodeVerdict::Unreadable, kept: String::new() });
    }
}
