//! Reading PDFs with poppler's tools (Debian package `poppler-utils`).

use std::fs;
use std::process::Command;

/// Runs a poppler tool on a PDF and returns what it prints; fails loudly when the tool is missing.
pub fn run(tool: &str, arguments: &[&str], pdf: &[u8]) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file.pdf");
    fs::write(&file, pdf).unwrap();
    let output = Command::new(tool)
        .args(arguments)
        .arg(&file)
        .arg("-")
        .output()
        .unwrap_or_else(|error| panic!("{tool} must be installed (package poppler-utils): {error}"));
    assert!(output.status.success(), "{tool}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// The text of all pages, in reading order; pages end with a form feed.
pub fn text(pdf: &[u8]) -> String {
    String::from_utf8(run("pdftotext", &["-layout"], pdf)).unwrap()
}

/// [`text`] with every run of white space as one space, so that wrapped lines can be searched.
pub fn flowing_text(pdf: &[u8]) -> String {
    String::from_utf8(run("pdftotext", &["-raw"], pdf))
        .unwrap()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

pub fn pages(pdf: &[u8]) -> usize {
    text(pdf).matches('\u{c}').count()
}

/// A word's place on its page, in points from the top left.
#[derive(Debug, Clone)]
pub struct Word {
    pub page: usize,
    pub x_min: f64,
    pub y_min: f64,
    pub x_max: f64,
    pub y_max: f64,
    pub text: String,
}

/// All words with their places.
pub fn words(pdf: &[u8]) -> Vec<Word> {
    let html = String::from_utf8(run("pdftotext", &["-bbox"], pdf)).unwrap();
    let mut page = 0;
    let mut words = Vec::new();
    for line in html.lines() {
        if line.contains("<page ") {
            page += 1;
        }
        if line.contains("<word ") {
            let number = |name: &str| attribute(line, name).parse::<f64>().unwrap();
            let text = line.split_once('>').unwrap().1.trim_end_matches("</word>").to_owned();
            let (x_min, y_min, x_max, y_max) =
                (number("xMin"), number("yMin"), number("xMax"), number("yMax"));
            words.push(Word { page, x_min, y_min, x_max, y_max, text });
        }
    }
    words
}

/// Two words that lie over one another, if there are any: text that left its box. Boxes of words in lines that follow
/// one another closely touch, so half a point of each edge is let off.
pub fn overlapping(words: &[Word]) -> Option<(&Word, &Word)> {
    let meet = |a: &Word, b: &Word| {
        let (wide, tall) =
            (a.x_max.min(b.x_max) - a.x_min.max(b.x_min), a.y_max.min(b.y_max) - a.y_min.max(b.y_min));
        let line = (a.y_max - a.y_min).min(b.y_max - b.y_min);
        a.page == b.page && wide > 0.5 && tall > 0.35 * line
    };
    words.iter().enumerate().find_map(|(at, a)| words[at + 1..].iter().find(|b| meet(a, b)).map(|b| (a, b)))
}

fn attribute<'a>(line: &'a str, name: &str) -> &'a str {
    line.split_once(&format!("{name}=\"")).unwrap().1.split_once('"').unwrap().0
}

/// A grey picture of one page.
pub struct Picture {
    pub width: usize,
    pub height: usize,
    pub luma: Vec<u8>,
    pub pixels_per_mm: f64,
}

impl Picture {
    /// A part of the picture, its edges in millimetres from the page's left and top.
    pub fn part(&self, (left, top): (f64, f64), (right, bottom): (f64, f64)) -> Picture {
        let pixel = |mm: f64| (mm * self.pixels_per_mm).round() as usize;
        let (x0, x1) = (pixel(left), pixel(right).min(self.width));
        let rows = pixel(top)..pixel(bottom).min(self.height);
        let height = rows.len();
        let luma = rows.flat_map(|y| &self.luma[y * self.width + x0..y * self.width + x1]).copied().collect();
        Picture { width: x1 - x0, height, luma, pixels_per_mm: self.pixels_per_mm }
    }
}

/// Rasterises one page (from 1) at 100 dots per inch.
pub fn picture(pdf: &[u8], page: usize) -> Picture {
    picture_at(pdf, page, 100)
}

/// Rasterises one page (from 1) at the given dots per inch.
pub fn picture_at(pdf: &[u8], page: usize, dpi: u32) -> Picture {
    let (page, resolution) = (page.to_string(), dpi.to_string());
    let folder = tempfile::tempdir().unwrap();
    let (file, root) = (folder.path().join("file.pdf"), folder.path().join("page"));
    fs::write(&file, pdf).unwrap();
    let status = Command::new("pdftoppm")
        .args(["-gray", "-r", &resolution, "-singlefile", "-f", &page, "-l", &page])
        .args([&file, &root])
        .status()
        .unwrap_or_else(|error| panic!("pdftoppm must be installed (package poppler-utils): {error}"));
    assert!(status.success());
    let bytes = fs::read(root.with_extension("pgm")).unwrap();
    let header_end = bytes.iter().enumerate().filter(|(_, b)| **b == b'\n').nth(2).unwrap().0 + 1;
    let header = std::str::from_utf8(&bytes[..header_end]).unwrap();
    let mut fields = header.split_whitespace().skip(1).map(|field| field.parse::<usize>().unwrap());
    let (width, height) = (fields.next().unwrap(), fields.next().unwrap());
    Picture { width, height, luma: bytes[header_end..].to_vec(), pixels_per_mm: f64::from(dpi) / 25.4 }
}
