//! QR symbols as one crisp outline (SVG) or as pixels (PNG).

use fast_qr::{ECL, QRBuilder, QRCode, Version};

use crate::DocumentError;

/// Most characters of a QR text; keeps symbols at 57 modules (version 10) or fewer.
pub const QR_TEXT_CHARS_MAX: usize = 150;

/// Light modules that ISO/IEC 18004 asks for around a symbol.
pub(crate) const QUIET_MODULES: usize = 4;

/// Most pixels a module of a PNG may take.
const MODULE_PIXELS_MAX: u32 = 64;

/// A QR symbol: a square of dark and light modules, without its quiet zone.
pub(crate) struct Symbol {
    code: Box<QRCode>,
}

impl Symbol {
    /// Encodes a text at error correction Q, in the smallest version from 3 (29 modules) up. Below version 3
    /// the quiet zone of four modules would take more of the poster than the symbol gains.
    pub(crate) fn encode(text: &str) -> Result<Self, DocumentError> {
        Self::encode_as(text, QR_TEXT_CHARS_MAX, ECL::Q, Version::V03)
    }

    /// Encodes a text of 1 to `chars_max` characters at an error correction, in the smallest version from `least` up.
    pub(crate) fn encode_as(
        text: &str,
        chars_max: usize,
        ecl: ECL,
        least: Version,
    ) -> Result<Self, DocumentError> {
        let chars = text.chars().count();
        let refused = || DocumentError::QrText { chars, max: chars_max };
        if chars == 0 || chars > chars_max {
            return Err(refused());
        }
        let smallest = QRBuilder::new(text).ecl(ecl).version(least).build();
        let code = smallest.or_else(|_| QRBuilder::new(text).ecl(ecl).build()).map_err(|_| refused())?;
        Ok(Self { code: Box::new(code) })
    }

    /// Modules on a side.
    pub(crate) fn size(&self) -> usize {
        self.code.size
    }

    /// Whether the module in column `x`, row `y` is dark; outside the symbol all is light.
    fn is_dark(&self, x: usize, y: usize) -> bool {
        x < self.size() && y < self.size() && self.code[y][x].value()
    }

    /// The outlines of all dark areas as one SVG path in module units, moved by `offset` modules. Outer outlines
    /// run clockwise and holes against it, so either fill rule paints the same, and no seams show between modules.
    pub(crate) fn outline(&self, offset: usize) -> String {
        let mut edges = Edges::of(self);
        let mut path = String::new();
        while let Some((x, y)) = edges.next_start() {
            edges.trace(x, y, offset, &mut path);
        }
        path
    }

    /// A complete SVG document with `margin` light modules around, without any CSS.
    pub(crate) fn svg(&self, margin: usize, label: &str) -> String {
        let side = self.size() + 2 * margin;
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\" role=\"img\" aria-label=\"{}\" \
             shape-rendering=\"crispEdges\"><path fill=\"#fff\" d=\"M0 0h{side}v{side}H0z\"/>\
             <path fill=\"#000\" d=\"{}\"/></svg>",
            escape_attribute(label),
            self.outline(margin)
        )
    }
}

/// The four directions along module edges, clockwise from east; dark lies to the right of each edge.
const STEPS: [(isize, isize); 4] = [(1, 0), (0, 1), (-1, 0), (0, -1)];

/// Edges between dark and light that no outline has used yet, by the grid corner at which they start.
struct Edges {
    corners: usize,
    open: Vec<[bool; 4]>,
    cursor: usize,
}

impl Edges {
    fn of(symbol: &Symbol) -> Self {
        let size = symbol.size();
        let corners = size + 1;
        let mut open = vec![[false; 4]; corners * corners];
        for y in 0..size {
            for x in (0..size).filter(|x| symbol.is_dark(*x, y)) {
                let at = |dx: usize, dy: usize| (y + dy) * corners + x + dx;
                open[at(0, 0)][0] = y == 0 || !symbol.is_dark(x, y - 1);
                open[at(1, 0)][1] = !symbol.is_dark(x + 1, y);
                open[at(1, 1)][2] = !symbol.is_dark(x, y + 1);
                open[at(0, 1)][3] = x == 0 || !symbol.is_dark(x - 1, y);
            }
        }
        Self { corners, open, cursor: 0 }
    }

    /// The next corner with an unused edge to the east; every outline has one.
    fn next_start(&mut self) -> Option<(usize, usize)> {
        while self.cursor < self.open.len() {
            if self.open[self.cursor][0] {
                return Some((self.cursor % self.corners, self.cursor / self.corners));
            }
            self.cursor += 1;
        }
        None
    }

    /// Where an outline goes on from a corner. Turning right first keeps dark modules that touch at a corner apart.
    fn next_direction(&self, corner: usize, direction: usize) -> Option<usize> {
        [1, 0, 3].into_iter().map(|turn| (direction + turn) % 4).find(|next| self.open[corner][*next])
    }

    /// Follows one outline from a corner eastwards until it closes, merging edges in line.
    fn trace(&mut self, x: usize, y: usize, offset: usize, path: &mut String) {
        path.push_str(&format!("M{} {}", x + offset, y + offset));
        let (mut corner, mut direction, mut run) = (y * self.corners + x, 0_usize, 0_isize);
        while let Some(next) = self.next_direction(corner, direction) {
            if next != direction {
                push_run(path, direction, run);
                (direction, run) = (next, 0);
            }
            self.open[corner][next] = false;
            let (dx, dy) = STEPS[next];
            corner = corner.wrapping_add_signed(dx + dy * self.corners as isize);
            run += 1;
        }
        path.push('z');
    }
}

/// Writes a straight run; the last one of an outline is left to `z`.
fn push_run(path: &mut String, direction: usize, length: isize) {
    if length > 0 {
        let letter = if direction.is_multiple_of(2) { 'h' } else { 'v' };
        let signed = if direction < 2 { length } else { -length };
        path.push_str(&format!("{letter}{signed}"));
    }
}

fn escape_attribute(text: &str) -> String {
    let cleaned = crate::text::clean(text, QR_TEXT_CHARS_MAX);
    cleaned.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// An SVG of the text as a QR symbol with its quiet zone, for screens: no CSS, no script, `role="img"` with the
/// text as its label, scales to its box.
///
/// # Errors
/// [`DocumentError::QrText`] when the text is empty or longer than [`QR_TEXT_CHARS_MAX`].
pub fn qr_svg(text: &str) -> Result<String, DocumentError> {
    Ok(Symbol::encode(text)?.svg(QUIET_MODULES, text))
}

/// A black-and-white PNG of the text as a QR symbol with its quiet zone; each module takes `module_pixels`
/// (1 to 64, clamped) pixels.
///
/// # Errors
/// [`DocumentError::QrText`] as for [`qr_svg`]; [`DocumentError::Png`] when the writer fails.
pub fn qr_png(text: &str, module_pixels: u32) -> Result<Vec<u8>, DocumentError> {
    let symbol = Symbol::encode(text)?;
    let scale = module_pixels.clamp(1, MODULE_PIXELS_MAX) as usize;
    let side = (symbol.size() + 2 * QUIET_MODULES) * scale;
    let mut pixels = Vec::with_capacity(side * side);
    for y in 0..side {
        for x in 0..side {
            let module = |pixel: usize| (pixel / scale).wrapping_sub(QUIET_MODULES);
            pixels.push(if symbol.is_dark(module(x), module(y)) { 0 } else { 255 });
        }
    }
    let mut out = Vec::new();
    let side = u32::try_from(side).unwrap_or(u32::MAX);
    let mut encoder = png::Encoder::new(&mut out, side, side);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&pixels)?;
    writer.finish()?;
    Ok(out)
}
