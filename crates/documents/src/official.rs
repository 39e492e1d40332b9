//! Measures of an official document, Decree 30/2020/NĐ-CP, Annex I: what PDF and DOCX share.

use serde::Serialize;

/// Lengths in millimetres and type sizes in points. The template reads them, the DOCX writer converts them.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Measures {
    /// Paper width: A4 (Annex I, part I, section I.1).
    pub(crate) paper_width_mm: f64,
    /// Paper height: A4.
    pub(crate) paper_height_mm: f64,
    /// Top margin, 20 to 25 mm (section I.3).
    pub(crate) top_mm: f64,
    /// Bottom margin, 20 to 25 mm.
    pub(crate) bottom_mm: f64,
    /// Left margin, 30 to 35 mm.
    pub(crate) left_mm: f64,
    /// Right margin, 15 to 20 mm.
    pub(crate) right_mm: f64,
    /// Width of the agency's column; the rest of the text width is the national name's.
    pub(crate) agency_column_mm: f64,
    /// National name, capitals bold, 12 to 13 pt; the agency names have the same size.
    pub(crate) nation_pt: f64,
    /// Motto, bold, 13 to 14 pt.
    pub(crate) motto_pt: f64,
    /// `Số: …`, 13 pt; place and date, italic, 13 to 14 pt.
    pub(crate) number_pt: f64,
    /// Body, title and summary, 13 to 14 pt.
    pub(crate) body_pt: f64,
    /// Page number, 13 to 14 pt, centred in the top margin, not on page 1.
    pub(crate) page_number_pt: f64,
    /// `Nơi nhận:`, bold italic 12 pt.
    pub(crate) recipients_label_pt: f64,
    /// The list of recipients, 11 pt.
    pub(crate) recipients_pt: f64,
    /// Text of tables in annexes; the decree sets none, this one reads well.
    pub(crate) table_pt: f64,
    /// First line of a paragraph, 1 or 1.27 cm.
    pub(crate) first_line_mm: f64,
    /// Space between paragraphs, at least 6 pt.
    pub(crate) paragraph_gap_pt: f64,
    /// Distance of lines as a multiple of single, 1 to 1.5.
    pub(crate) line_spacing: f64,
}

/// The measures in use, all within the decree's ranges (a test compares them).
pub(crate) const MEASURES: Measures = Measures {
    paper_width_mm: 210.0,
    paper_height_mm: 297.0,
    top_mm: 20.0,
    bottom_mm: 20.0,
    left_mm: 30.0,
    right_mm: 15.0,
    agency_column_mm: 70.0,
    nation_pt: 12.0,
    motto_pt: 13.0,
    number_pt: 13.0,
    body_pt: 14.0,
    page_number_pt: 13.0,
    recipients_label_pt: 12.0,
    recipients_pt: 11.0,
    table_pt: 11.0,
    first_line_mm: 10.0,
    paragraph_gap_pt: 6.0,
    line_spacing: 1.15,
};

impl Measures {
    /// Width between the margins.
    pub(crate) fn text_width_mm(&self) -> f64 {
        self.paper_width_mm - self.left_mm - self.right_mm
    }
}

/// The national name, as the decree writes it.
pub(crate) const NATIONAL_NAME: &str = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM";

/// The motto; short hyphens with spaces, first letters large.
pub(crate) const MOTTO: &str = "Độc lập - Tự do - Hạnh phúc";

#[cfg(test)]
mod tests {
    use super::MEASURES;

    #[test]
    fn every_measure_is_within_the_decree() {
        let m = MEASURES;
        let rules = [
            ("top margin, mm", m.top_mm, 20.0, 25.0),
            ("bottom margin, mm", m.bottom_mm, 20.0, 25.0),
            ("left margin, mm", m.left_mm, 30.0, 35.0),
            ("right margin, mm", m.right_mm, 15.0, 20.0),
            ("national name, pt", m.nation_pt, 12.0, 13.0),
            ("motto, pt", m.motto_pt, 13.0, 14.0),
            ("number, place and date, pt", m.number_pt, 13.0, 13.0),
            ("body, pt", m.body_pt, 13.0, 14.0),
            ("page number, pt", m.page_number_pt, 13.0, 14.0),
            ("recipients' label, pt", m.recipients_label_pt, 12.0, 12.0),
            ("recipients, pt", m.recipients_pt, 11.0, 11.0),
            ("first line, mm", m.first_line_mm, 10.0, 12.7),
            ("gap of paragraphs, pt", m.paragraph_gap_pt, 6.0, 12.0),
            ("line spacing", m.line_spacing, 1.0, 1.5),
            ("paper width, mm", m.paper_width_mm, 210.0, 210.0),
            ("paper height, mm", m.paper_height_mm, 297.0, 297.0),
        ];
        for (rule, value, least, most) in rules {
            assert!((least..=most).contains(&value), "{rule}: {value} is not in {least} to {most}");
        }
    }
}
