//! How each type of place behaves: how many there are, when open, why people come.

use crate::dice::Dice;
use crate::world::PlaceType;

/// Why somebody comes as a visitor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Purpose {
    /// Shopping, office matters.
    Errand,
    /// Eating, meeting, sport, worship.
    Leisure,
    /// Care, tests, vaccination.
    Health,
    /// On the way.
    Travel,
}

/// All purposes, with the share of visits that have them.
pub(crate) const PURPOSES: [(Purpose, f64); 4] =
    [(Purpose::Errand, 0.52), (Purpose::Leisure, 0.33), (Purpose::Health, 0.08), (Purpose::Travel, 0.07)];

/// A type of place.
#[derive(Debug, Clone)]
pub(crate) struct Kind {
    /// Type code.
    pub code: &'static str,
    /// Relative number of such places.
    pub stock: f64,
    /// Relative number of visitors one of them has.
    pub pull: f64,
    /// Relative number of people who work or learn in one.
    pub staff: f64,
    /// Why visitors come.
    pub purpose: Purpose,
    /// Minutes after midnight.
    pub opens: u32,
    /// Minutes after midnight, exclusive.
    pub closes: u32,
    /// Share of such places with a staffed gate.
    pub gated: f64,
    /// Name of the place: `{G}` is a sign, `{C}` the commune, `{S}` its name without the kind, `{N}` a number.
    pub pattern: &'static str,
    /// Default stay, minutes.
    pub stay: u32,
}

use Purpose::{Errand, Health, Leisure, Travel};

type Line = (&'static str, f64, f64, f64, Purpose, u32, u32, f64, &'static str);

/// code, stock, pull, staff, purpose, opens, closes (hours), gated, pattern. Made up from common sense; the
/// closing hours are those of `place-types.csv` or earlier.
const LINES: [Line; 44] = [
    ("CQNN", 0.3, 3.0, 6.0, Errand, 7, 17, 0.8, "UBND {C}"),
    ("TCDT", 0.5, 0.5, 2.0, Errand, 7, 17, 0.2, "Hội đoàn thể {C}"),
    ("MCUA", 0.2, 5.0, 2.0, Errand, 7, 17, 0.7, "Bộ phận một cửa {C}"),
    ("CSAN", 0.3, 1.0, 3.0, Errand, 7, 20, 0.8, "Công an {C}"),
    ("BVIEN", 0.3, 30.0, 30.0, Health, 6, 22, 1.0, "Bệnh viện {S}"),
    ("TYT", 0.2, 10.0, 3.0, Health, 7, 17, 0.6, "Trạm y tế {C}"),
    ("PKHAM", 1.5, 6.0, 2.0, Health, 7, 20, 0.5, "Phòng khám {G}"),
    ("NTHUOC", 5.0, 3.0, 0.5, Errand, 7, 21, 0.0, "Nhà thuốc {G}"),
    ("DTIEM", 0.4, 15.0, 2.0, Health, 7, 17, 0.9, "Điểm tiêm chủng {C}"),
    ("DXN", 0.3, 8.0, 1.0, Health, 7, 17, 0.9, "Điểm xét nghiệm {C}"),
    ("CHOT", 0.3, 8.0, 0.5, Travel, 6, 22, 1.0, "Chốt kiểm soát {C}"),
    ("TRUONG", 5.0, 0.5, 6.0, Errand, 6, 17, 0.5, "Trường Tiểu học {G}"),
    ("DHCD", 0.3, 1.0, 20.0, Errand, 6, 21, 0.6, "Trung tâm đào tạo {G}"),
    ("KTX", 3.0, 0.3, 0.2, Leisure, 5, 23, 0.1, "Nhà trọ {G}"),
    ("CHO", 1.6, 40.0, 15.0, Errand, 5, 18, 0.3, "Chợ {S}"),
    ("STHI", 1.2, 20.0, 10.0, Errand, 8, 22, 0.8, "Siêu thị {G}"),
    ("CHTL", 12.0, 3.0, 0.5, Errand, 6, 22, 0.0, "Tạp hóa {G}"),
    ("CUAHANG", 16.0, 2.0, 0.8, Errand, 8, 21, 0.0, "Cửa hàng {G}"),
    ("DMUA", 3.0, 1.0, 0.8, Errand, 7, 18, 0.0, "Thu mua nông sản {G}"),
    ("NHANG", 9.0, 5.0, 2.0, Leisure, 6, 22, 0.0, "Quán ăn {G}"),
    ("CAFE", 12.0, 6.0, 1.0, Leisure, 6, 22, 0.0, "Cà phê {G}"),
    ("KSAN", 2.0, 1.0, 2.0, Leisure, 6, 23, 0.4, "Khách sạn {G}"),
    ("DNGHIEP", 6.0, 0.7, 8.0, Errand, 7, 18, 0.3, "Công ty {G}"),
    ("NMAY", 1.0, 0.3, 30.0, Errand, 6, 22, 0.8, "Xưởng sản xuất {G}"),
    ("CTXD", 0.8, 0.2, 6.0, Errand, 6, 18, 0.3, "Công trường {G}"),
    ("NHANG_TC", 1.5, 6.0, 3.0, Errand, 8, 17, 0.4, "Phòng giao dịch ngân hàng {G}"),
    ("ATM", 1.5, 2.0, 0.0, Errand, 5, 22, 0.0, "Máy ATM số {N} {C}"),
    ("BUUDIEN", 1.0, 3.0, 1.0, Errand, 7, 18, 0.1, "Bưu điện {C}"),
    ("BXE", 0.2, 20.0, 4.0, Travel, 5, 21, 0.9, "Bến xe {S}"),
    ("SBAY", 0.02, 20.0, 10.0, Travel, 6, 22, 1.0, "Nhà ga {S}"),
    ("PTVT", 2.0, 8.0, 0.5, Travel, 5, 20, 0.3, "Xe khách tuyến {N}"),
    ("TXANG", 1.5, 4.0, 0.7, Travel, 5, 22, 0.0, "Trạm xăng dầu {G}"),
    ("TGIAO", 1.2, 2.0, 0.3, Leisure, 5, 21, 0.1, "Chùa {S}"),
    ("NVH", 3.0, 1.0, 0.1, Leisure, 7, 22, 0.0, "Nhà văn hóa tổ {N} {C}"),
    ("KDL", 0.4, 4.0, 1.0, Leisure, 7, 18, 0.6, "Khu du lịch {G}"),
    ("TTHAO", 1.2, 3.0, 0.5, Leisure, 5, 22, 0.0, "Phòng tập {G}"),
    ("GTRI", 1.2, 3.0, 0.7, Leisure, 9, 23, 0.1, "Karaoke {G}"),
    ("CVIEN", 0.4, 4.0, 0.1, Leisure, 5, 22, 0.0, "Hoa viên {S}"),
    ("LAMDEP", 4.0, 1.5, 0.4, Errand, 8, 21, 0.0, "Tiệm tóc {G}"),
    ("SUACHUA", 4.0, 1.2, 0.4, Errand, 7, 19, 0.0, "Sửa xe {G}"),
    ("CUOITANG", 0.5, 4.0, 0.6, Leisure, 8, 22, 0.1, "Nhà tiệc cưới {G}"),
    ("KDCU", 1.0, 0.5, 0.1, Leisure, 5, 23, 0.2, "Khu dân cư số {N} {C}"),
    ("SUKIEN", 0.2, 4.0, 0.1, Leisure, 7, 22, 0.5, "Hội trường {C}"),
    ("KHAC", 1.0, 1.0, 0.3, Errand, 7, 20, 0.0, "Địa điểm {G}"),
];

/// The kinds in use.
pub(crate) struct Kinds(Vec<Kind>);

impl Kinds {
    /// The kinds whose codes are among the types, with their default stays. The story's codes are always
    /// known; where no code is known at all, every kind is used with an hour's stay.
    pub(crate) fn of(types: &[PlaceType]) -> Self {
        let asked = |code: &str| types.iter().find(|kind| kind.code == code);
        let any = LINES.iter().any(|line| asked(line.0).is_some());
        let kinds = LINES.iter().map(|line| {
            let known = asked(line.0);
            // A kind that was not asked for stays in the list without stock: the story may need it.
            let stock = if known.is_some() || !any { line.1 } else { 0.0 };
            Kind {
                code: line.0,
                stock,
                pull: line.2,
                staff: line.3,
                purpose: line.4,
                opens: line.5 * 60,
                closes: line.6 * 60,
                gated: line.7,
                pattern: line.8,
                stay: known.map_or(60, |kind| kind.default_stay_minutes).clamp(2, 720),
            }
        });
        Self(kinds.collect())
    }

    /// All kinds.
    pub(crate) fn all(&self) -> &[Kind] {
        &self.0
    }

    /// The index of a code; the first kind where it is unknown.
    pub(crate) fn index(&self, code: &str) -> usize {
        self.0.iter().position(|kind| kind.code == code).unwrap_or(0)
    }

    /// The default stay of a code, minutes.
    pub(crate) fn stay(&self, code: &str) -> u32 {
        self.0.get(self.index(code)).map_or(60, |kind| kind.stay)
    }
}

/// The parts of a new place of this kind; most have none.
pub(crate) fn areas(code: &str, dice: &mut Dice) -> Vec<String> {
    let (probability, parts): (f64, &[&str]) = match code {
        "CHO" => {
            (0.8, &["Dãy A - Rau củ", "Dãy B - Thịt cá", "Dãy C - Quần áo", "Dãy D - Tạp hóa", "Khu ăn uống"])
        }
        "BVIEN" => {
            (1.0, &["Khoa khám bệnh", "Khoa cấp cứu", "Khu nội trú", "Nhà thuốc bệnh viện", "Căng tin"])
        }
        "STHI" => (0.5, &["Tầng 1", "Tầng 2", "Khu ăn uống"]),
        "TRUONG" => (0.35, &["Dãy phòng học A", "Dãy phòng học B", "Văn phòng", "Nhà đa năng"]),
        "DHCD" => (0.8, &["Giảng đường 1", "Giảng đường 2", "Thư viện"]),
        "CQNN" => (0.4, &["Bộ phận một cửa", "Hội trường", "Khối văn phòng"]),
        "NMAY" => (0.6, &["Xưởng 1", "Xưởng 2", "Nhà ăn"]),
        "PTVT" => (0.2, &["Hàng ghế trước", "Hàng ghế sau"]),
        _ => return Vec::new(),
    };
    if !dice.chance(probability) {
        return Vec::new();
    }
    let count = dice.between(2, parts.len() as u32) as usize;
    parts.iter().take(count).map(|part| (*part).to_owned()).collect()
}
