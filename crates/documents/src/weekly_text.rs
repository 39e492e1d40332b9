//! The weekly report's sentences.

use crate::text::{FIELD_GRAPHEMES_MAX, clean, count, day, decimal, percent};
use crate::weekly_report::{UnitLine, WeeklyReport};

/// Units named in a sentence before the rest is only counted.
const UNITS_NAMED_MAX: usize = 10;

/// `, tăng 133 điểm so với tuần trước`; empty without a period before.
fn change(now: i64, before: Option<i64>, noun: &str, period: &str) -> String {
    let Some(before) = before else { return String::new() };
    let difference = now.saturating_sub(before);
    let share =
        percent(difference.saturating_abs(), before).map_or(String::new(), |share| format!(" ({share})"));
    match difference {
        0 => format!(", không thay đổi so với {period} trước"),
        1.. => format!(", tăng {} {noun}{share} so với {period} trước", count(difference)),
        _ => format!(", giảm {} {noun}{share} so với {period} trước", count(difference.saturating_abs())),
    }
}

pub(crate) fn name(text: &str) -> String {
    clean(text, FIELD_GRAPHEMES_MAX)
}

pub(crate) fn period(report: &WeeklyReport) -> String {
    format!("từ ngày {} đến hết ngày {}", day(report.period_from), day(report.period_last))
}

pub(crate) fn introduction(report: &WeeklyReport) -> String {
    format!(
        "Thực hiện chỉ đạo của Ủy ban nhân dân tỉnh về việc đẩy mạnh quét mã QR để quản lý thông tin người ra, vào \
         cơ quan, đơn vị, cơ sở và địa điểm phục vụ công tác phòng, chống dịch, {} báo cáo kết quả ({}) như sau:",
        name(&report.issuing_agency),
        period(report)
    )
}

pub(crate) fn points(report: &WeeklyReport) -> String {
    let first = report.points_before.is_none() && report.scans_before.is_none();
    format!(
        "Đến hết ngày {}, {} có {} điểm quét mã đã đăng ký{}; trong kỳ tạo mới {} điểm.{}",
        day(report.period_last),
        name(&report.unit_name),
        count(report.points),
        change(report.points, report.points_before, "điểm", &name(&report.period_noun)),
        count(report.new_points),
        if first {
            " Đây là kỳ báo cáo đầu tiên nên chưa có số liệu so sánh."
        } else {
            ""
        }
    )
}

pub(crate) fn coverage(report: &WeeklyReport) -> String {
    let Some(population) = report.population else {
        return "Chưa có số liệu dân số nên chưa tính được chỉ tiêu và tỷ lệ điểm quét mã trên 100 dân."
            .to_owned();
    };
    let source = match name(&report.population_source) {
        source if source.is_empty() => source,
        source => format!(" (nguồn: {source})"),
    };
    let ratios =
        [(report.registered_per_100, "điểm đã đăng ký"), (report.live_per_100, "điểm đang hoạt động")]
            .into_iter()
            .filter_map(|(ratio, of)| {
                ratio.map(|ratio| format!("{} điểm/100 dân tính theo {of}", decimal(ratio, 2)))
            });
    let ratios: Vec<String> = ratios.collect();
    let ratios = if ratios.is_empty() {
        String::new()
    } else {
        format!(" Tỷ lệ đạt {}.", ratios.join(" và "))
    };
    format!("Dân số {} người{source}.{}{ratios}", count(population), target(report))
}

fn target(report: &WeeklyReport) -> String {
    let Some(target) = report.target_points else {
        return " Trong kỳ, chỉ tiêu 01 điểm/100 dân không áp dụng cho địa bàn.".to_owned();
    };
    let missing = target.saturating_sub(report.points);
    let standing = if missing > 0 {
        format!("còn thiếu {} điểm", count(missing))
    } else {
        "đã đạt chỉ tiêu".to_owned()
    };
    let share = percent(report.points, target).map_or(String::new(), |share| format!(", đạt {share}"));
    let basis = if report.target_as_one.is_some() {
        " (*), tính cho từng xã, phường, thị trấn và làm tròn lên,"
    } else {
        ""
    };
    format!(" Chỉ tiêu 01 điểm/100 dân{basis} tương ứng {} điểm{share}, {standing}.", count(target))
}

/// The other basis of the target, which no sentence of the report uses.
pub(crate) fn target_note(report: &WeeklyReport) -> Option<String> {
    let as_one =
        report.target_as_one.filter(|_| report.target_points.is_some() && report.population.is_some())?;
    Some(format!(
        "(*) Nếu tính chung trên tổng dân số và làm tròn một lần thì chỉ tiêu là {} điểm; báo cáo không dùng số này.",
        count(as_one)
    ))
}

/// What the list of silent points leaves out, though it is counted.
pub(crate) fn unnamed_points(report: &WeeklyReport) -> Option<String> {
    (report.silent_unnamed > 0).then(|| {
        format!(
            "Trong số {} điểm không phát sinh lượt quét có {} điểm của địa điểm không nêu tên trong danh sách được phổ \
             biến; các điểm này được tính trong số chung và không có trong bảng.",
            count(report.silent_points),
            count(report.silent_unnamed)
        )
    })
}

pub(crate) fn activity(report: &WeeklyReport) -> String {
    let share = percent(report.live_points, report.points)
        .map_or(String::new(), |share| format!(", bằng {share} số điểm đã đăng ký"));
    let annex = annex_label(report, AnnexKind::Points)
        .map_or(String::new(), |label| format!(" (chi tiết tại {label})"));
    format!(
        "Có {} điểm đang hoạt động, tức có lượt quét trong 7 ngày gần nhất{share}{}; {} điểm không phát sinh lượt \
         quét, trong đó {} điểm chưa từng được sử dụng{annex}.",
        count(report.live_points),
        change(report.live_points, report.live_before, "điểm", &name(&report.period_noun)),
        count(report.silent_points),
        count(report.never_used_points)
    )
}

/// The annexes whose place the sentences name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AnnexKind {
    /// Figures of subordinate units.
    Units,
    /// Figures of communes.
    Communes,
    /// Points without scans.
    Points,
}

/// `Phụ lục II` and so on: annexes are numbered as they come; none for one that is left out.
pub(crate) fn annex_label(report: &WeeklyReport, kind: AnnexKind) -> Option<String> {
    let there = [
        (AnnexKind::Units, !report.rows.is_empty()),
        (AnnexKind::Communes, !report.commune_rows.is_empty()),
        (AnnexKind::Points, !report.silent_points_list.is_empty()),
    ];
    let at = there.iter().filter(|(_, is_there)| *is_there).position(|(one, _)| *one == kind)?;
    Some(format!("Phụ lục {}", roman(at + 1)))
}

/// A small number in Roman letters.
pub(crate) fn roman(number: usize) -> String {
    let mut left = number.min(89);
    let mut text = String::new();
    for (value, letters) in [(50, "L"), (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")] {
        while left >= value {
            text.push_str(letters);
            left -= value;
        }
    }
    text
}

pub(crate) fn scans(report: &WeeklyReport) -> String {
    let total = report.scans_in.saturating_add(report.scans_out);
    let out = percent(report.scans_out, report.scans_in)
        .map_or(String::new(), |share| format!(" Số lượt ra bằng {share} số lượt vào."));
    format!(
        "Trong kỳ ghi nhận {} lượt quét, gồm {} lượt vào và {} lượt ra{}.{out}",
        count(total),
        count(report.scans_in),
        count(report.scans_out),
        change(total, report.scans_before, "lượt", &name(&report.period_noun))
    ) + &late_scans(report)
}

/// What earlier reports could not count, because it arrived after their cut-off.
fn late_scans(report: &WeeklyReport) -> String {
    match report.late_scans {
        Some((entered, left)) if entered + left > 0 => format!(
            " Ngoài số trên, trong kỳ hệ thống nhận bổ sung {} lượt quét của các kỳ trước gửi về sau thời điểm chốt số \
             liệu ({} lượt vào, {} lượt ra).",
            count(entered.saturating_add(left)),
            count(entered),
            count(left)
        ),
        _ => String::new(),
    }
}

/// One sentence per unit to praise.
pub(crate) fn best_unit(unit: &UnitLine) -> String {
    let ratio = unit.ratio.map_or(String::new(), |ratio| format!(", {} điểm/100 dân", decimal(ratio, 2)));
    format!(
        "- {}: {} điểm{ratio}, {} điểm đang hoạt động, {} lượt quét;",
        name(&unit.name),
        count(unit.points),
        count(unit.live),
        count(unit.scans)
    )
}

pub(crate) fn silent_units(units: &[UnitLine]) -> String {
    let named: Vec<String> = units
        .iter()
        .take(UNITS_NAMED_MAX)
        .map(|unit| format!("{} ({} điểm)", name(&unit.name), count(unit.points)))
        .collect();
    let more = units.len().saturating_sub(named.len());
    let more = if more > 0 { format!(" và {} đơn vị khác", count_len(more)) } else { String::new() };
    format!(
        "Có {} đơn vị không phát sinh lượt quét trong kỳ: {}{more}.",
        count_len(units.len()),
        named.join("; ")
    )
}

pub(crate) fn data_protection(report: &WeeklyReport) -> String {
    let openings = match report.openings {
        0 => "Trong kỳ không có lần nào mở dữ liệu định danh đã niêm phong.".to_owned(),
        openings => format!(
            "Trong kỳ có {} lần mở dữ liệu định danh đã niêm phong để truy vết; mỗi lần đều được phê duyệt và ghi nhật \
             ký truy cập.",
            count(openings)
        ),
    };
    match &report.access_log_head {
        Some(head) => format!(
            "{openings} Mã kiểm chứng nhật ký truy cập khi chốt số liệu: {}.",
            crate::text::clean_breakable(head, FIELD_GRAPHEMES_MAX)
        ),
        None => openings,
    }
}

/// Part IV drawn from the figures, when the officer typed nothing.
pub(crate) fn tasks(report: &WeeklyReport) -> Vec<String> {
    let mut tasks = Vec::new();
    let missing = report.target_points.unwrap_or(0).saturating_sub(report.points);
    if missing > 0 {
        tasks.push(format!(
            "Vận động đăng ký bổ sung {} điểm quét mã còn thiếu so với chỉ tiêu.",
            count(missing)
        ));
    }
    if report.silent_points > 0 {
        tasks.push(format!(
            "Rà soát {} điểm không phát sinh lượt quét; hướng dẫn, hỗ trợ sử dụng hoặc thu hồi mã không còn dùng.",
            count(report.silent_points)
        ));
    }
    if !report.silent_units.is_empty() {
        tasks.push(format!(
            "Đôn đốc {} đơn vị không phát sinh lượt quét.",
            count_len(report.silent_units.len())
        ));
    }
    if tasks.is_empty() {
        tasks.push("Duy trì hoạt động của các điểm quét mã hiện có.".to_owned());
    }
    tasks
}

pub(crate) fn count_len(length: usize) -> String {
    count(i64::try_from(length).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::{change as of_period, roman};

    fn change(now: i64, before: Option<i64>, noun: &str) -> String {
        of_period(now, before, noun, "tuần")
    }

    #[test]
    fn annexes_have_roman_numbers() {
        let numbers: Vec<String> = [1, 2, 3, 4, 5, 6, 9, 14, 40].into_iter().map(roman).collect();
        assert_eq!(numbers, ["I", "II", "III", "IV", "V", "VI", "IX", "XIV", "XL"]);
    }

    #[test]
    fn a_change_is_told_with_its_direction_and_share() {
        assert_eq!(change(1_393, Some(1_260), "điểm"), ", tăng 133 điểm (10,6%) so với tuần trước");
        assert_eq!(change(45_536, Some(38_126), "lượt"), ", tăng 7.410 lượt (19,4%) so với tuần trước");
        assert_eq!(change(90, Some(100), "điểm"), ", giảm 10 điểm (10,0%) so với tuần trước");
        assert_eq!(change(5, Some(5), "điểm"), ", không thay đổi so với tuần trước");
        assert_eq!(change(5, Some(0), "điểm"), ", tăng 5 điểm so với tuần trước", "nothing has no share");
        assert_eq!(change(5, None, "điểm"), "", "a first report compares with nothing");
    }
}
