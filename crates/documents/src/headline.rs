//! Lines of titles and agencies' names: they break between words, never inside one, and come out about equally long.
//!
//! A Vietnamese word is often two syllables with a space between them (`triển khai`, `quản lý`), and a clerk sends a
//! title back that breaks there. The words of our own titles and of offices' names are listed; a unit's name stays
//! with its kind (`tỉnh Đắk Lắk`).

/// Words of several syllables in titles and offices' names, in small letters.
const WORDS: &[&str] = &[
    "an ninh",
    "an toàn",
    "ban chỉ đạo",
    "ban quản lý",
    "bảo hiểm",
    "bảo vệ",
    "bộ đội",
    "biên phòng",
    "báo cáo",
    "bưu chính",
    "chỉ đạo",
    "chỉ huy",
    "chỉ tiêu",
    "cao đẳng",
    "chưa gửi",
    "công an",
    "công nghệ",
    "công nghiệp",
    "công thương",
    "công tác",
    "dân tộc",
    "dịch vụ",
    "du lịch",
    "dữ liệu",
    "đại học",
    "đăng ký",
    "đầu tư",
    "đề xuất",
    "địa điểm",
    "điểm quét mã",
    "đoàn thanh niên",
    "đơn vị",
    "đất đai",
    "gần nhất",
    "giao thông",
    "giáo dục",
    "hành chính",
    "hoạt động",
    "khắc phục",
    "nhắc nhở",
    "tồn tại",
    "tình trạng",
    "hạ tầng",
    "hướng xử lý",
    "hội đồng",
    "kế hoạch",
    "kết quả",
    "khó khăn",
    "khoa học",
    "kiểm lâm",
    "kiểm tra",
    "kiến nghị",
    "kinh tế",
    "kỹ thuật",
    "lao động",
    "lượt quét",
    "lâm nghiệp",
    "môi trường",
    "mã qr",
    "mặt trận",
    "ngành",
    "ngoại vụ",
    "người ra, vào",
    "nhân dân",
    "nông nghiệp",
    "nông thôn",
    "nội vụ",
    "phát sinh",
    "phát triển",
    "phòng, chống",
    "phụ nữ",
    "quản lý",
    "quét mã qr",
    "quét mã",
    "quân sự",
    "tài chính",
    "tài nguyên",
    "tập đoàn",
    "thanh niên",
    "thanh tra",
    "thị trấn",
    "thị xã",
    "thành phố",
    "thể dục",
    "thể thao",
    "thông tin",
    "thương mại",
    "thương binh",
    "thủy lợi",
    "tình hình",
    "tổ quốc",
    "tổng hợp",
    "triển khai",
    "trung tâm",
    "trung ương",
    "truyền thông",
    "trực thuộc",
    "tư pháp",
    "văn hóa",
    "văn phòng",
    "việt nam",
    "vướng mắc",
    "xã hội",
    "xây dựng",
    "xử lý",
    "y tế",
    "ủy ban",
    "việc quét mã",
    "kiểm tra lại",
];

/// Kinds of units, whose names follow them.
const KINDS: &[&str] =
    &["tỉnh", "huyện", "thành phố", "thị xã", "quận", "xã", "phường", "thị trấn", "buôn", "thôn"];

/// Small words that lead in what follows: a line does not end with one.
const LEADS: &[&str] = &[
    "và", "của", "tại", "về", "cho", "với", "theo", "các", "trong", "ở", "do", "từ", "đến", "có", "không",
    "hoặc",
];

/// Most syllables of a listed word, and of a name after its kind.
const SYLLABLES_MAX: usize = 4;

/// Keeps the syllables of a word on one line.
const NO_BREAK: char = '\u{a0}';

/// Share of a column that is filled, since widths of letters are averages.
const FILLED: f64 = 0.95;

/// Printed width of bold text, by the averages of Times New Roman Bold.
fn width_mm(text: &str, size_pt: f64) -> f64 {
    let em = |c: char| match c {
        ' ' | NO_BREAK => 0.25,
        c if c.is_uppercase() => 0.70,
        _ => 0.48,
    };
    text.chars().map(em).sum::<f64>() * size_pt * 25.4 / 72.0
}

/// How many of the syllables from the first on are one word, or a unit's kind with its name.
fn word_length(syllables: &[&str]) -> usize {
    let starts = |word: &str| {
        let wanted = word.split(' ');
        let length = word.split(' ').count();
        let same = |(one, wanted): (&&str, &str)| {
            let one = one.to_lowercase();
            one == wanted || one.trim_end_matches([',', ';', '.', ')']) == wanted
        };
        (length <= syllables.len() && syllables.iter().zip(wanted).all(same)).then_some(length)
    };
    let is_name =
        |syllable: &&&str| syllable.chars().next().is_some_and(|c| c.is_uppercase() || c.is_numeric());
    if let Some(kind) = KINDS.iter().find_map(|kind| starts(kind)) {
        let ends = |syllable: &str| syllable.ends_with([',', ';', '.', ')']);
        if !ends(syllables[kind - 1]) {
            let name = syllables[kind..].iter().take(SYLLABLES_MAX).take_while(is_name);
            let mut length = kind;
            for syllable in name {
                length += 1;
                if ends(syllable) {
                    break;
                }
            }
            if length > kind {
                return length;
            }
        }
    }
    WORDS.iter().filter_map(|word| starts(word)).max().unwrap_or(1)
}

/// The text's words, the syllables of each bound together; one that is wider than the column is let go.
fn words(text: &str, size_pt: f64, column_mm: f64) -> Vec<String> {
    let syllables: Vec<&str> = text.split_whitespace().collect();
    let mut words = Vec::new();
    let mut at = 0;
    while at < syllables.len() {
        let length = word_length(&syllables[at..]);
        let word = syllables[at..at + length].join(&NO_BREAK.to_string());
        if width_mm(&word, size_pt) > FILLED * column_mm {
            words.extend(syllables[at..at + length].iter().map(|one| (*one).to_owned()));
        } else {
            words.push(word);
        }
        at += length;
    }
    with_leads(words, size_pt, column_mm)
}

/// Binds small words to what follows them, where both together fit a line.
fn with_leads(words: Vec<String>, size_pt: f64, column_mm: f64) -> Vec<String> {
    let mut bound: Vec<String> = Vec::new();
    for word in words {
        match bound.last_mut() {
            Some(lead)
                if LEADS.contains(&lead.to_lowercase().as_str())
                    && width_mm(&format!("{lead} {word}"), size_pt) <= FILLED * column_mm =>
            {
                lead.push(NO_BREAK);
                lead.push_str(&word);
            }
            _ => bound.push(word),
        }
    }
    bound
}

/// The text with the syllables of each word bound together, to break where its column ends.
pub(crate) fn bound(text: &str, size_pt: f64, column_mm: f64) -> String {
    words(text, size_pt, column_mm).join(" ")
}

/// Breaks centred bold text into the fewest lines that fit the column, about equally long, each ended by a line feed
/// but the last.
pub(crate) fn balanced(text: &str, size_pt: f64, column_mm: f64) -> String {
    let words = words(text, size_pt, column_mm);
    let whole = width_mm(text, size_pt);
    if whole <= FILLED * column_mm {
        return words.join(" ");
    }
    // The narrowest width at which the number of lines is still the least: the lines are then as even as words allow.
    let broken = |limit: f64| {
        let mut lines: Vec<String> = Vec::new();
        for word in &words {
            match lines.last_mut() {
                Some(line) if width_mm(line, size_pt) + width_mm(&format!(" {word}"), size_pt) <= limit => {
                    line.push(' ');
                    line.push_str(word);
                }
                _ => lines.push(word.clone()),
            }
        }
        lines
    };
    let mut best = broken(FILLED * column_mm);
    let fewest = best.len();
    let mut limit = FILLED * column_mm - 1.0;
    while limit > whole / (fewest as f64 + 1.0) {
        let lines = broken(limit);
        if lines.len() > fewest {
            break;
        }
        best = lines;
        limit -= 1.0;
    }
    best.join("\n")
}

#[cfg(test)]
mod tests {
    use super::{balanced, words};

    fn shown(text: &str, size_pt: f64, column_mm: f64) -> Vec<String> {
        balanced(text, size_pt, column_mm).split('\n').map(|line| line.replace('\u{a0}', " ")).collect()
    }

    #[test]
    fn a_title_breaks_between_words_into_like_lines() {
        let title = "Kết quả triển khai quét mã QR quản lý thông tin người ra, vào tại tỉnh Đắk Lắk";
        let lines = ["Kết quả triển khai quét mã QR quản lý", "thông tin người ra, vào tại tỉnh Đắk Lắk"];
        assert_eq!(shown(title, 14.0, 165.0), lines);
        assert_eq!(shown("SỞ THÔNG TIN VÀ TRUYỀN THÔNG", 12.0, 70.0), ["SỞ THÔNG TIN", "VÀ TRUYỀN THÔNG"]);
        assert_eq!(shown("UBND TỈNH ĐẮK LẮK", 12.0, 70.0), ["UBND TỈNH ĐẮK LẮK"]);
        assert_eq!(shown("", 12.0, 70.0), [""]);
    }

    #[test]
    fn no_line_of_any_unit_ends_inside_a_word() {
        for unit in [
            "xã Ea H'đing",
            "thành phố Buôn Ma Thuột",
            "thị trấn Phước An",
            "huyện Krông A Na",
            "phường Tân Lợi",
        ] {
            let title = format!("Kết quả triển khai quét mã QR quản lý thông tin người ra, vào tại {unit}");
            let words = words(&title, 14.0, 165.0);
            assert!(words.contains(&format!("tại {unit}").replace(' ', "\u{a0}")), "{words:?}");
            assert!(
                words.iter().any(|word| word == "quản\u{a0}lý")
                    && words.iter().any(|word| word == "người\u{a0}ra,\u{a0}vào")
            );
            let lines = shown(&title, 14.0, 165.0);
            let lengths: Vec<usize> = lines.iter().map(|line| line.chars().count()).collect();
            assert_eq!(lines.len(), 2, "{lines:?}");
            assert!(lengths[0].abs_diff(lengths[1]) < 20, "{lines:?}");
        }
    }

    #[test]
    fn heads_of_columns_break_between_words() {
        assert_eq!(super::bound("Điểm đăng ký", 11.0, 17.0), "Điểm đăng\u{a0}ký");
        assert_eq!(super::bound("Lượt quét gần nhất", 11.0, 31.0), "Lượt\u{a0}quét gần\u{a0}nhất");
    }

    #[test]
    fn what_is_wider_than_the_column_may_break_anywhere() {
        let name = format!("xã {}", "Ê\u{306}WWWWWWWWWWWW ".repeat(4));
        assert!(balanced(&name, 12.0, 40.0).contains('\n'));
        assert_eq!(words("xã W", 12.0, 1.0), ["xã", "W"]);
    }
}
