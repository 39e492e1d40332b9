use documents::{DocumentError, QR_TEXT_CHARS_MAX, qr_png, qr_svg};

fn read_png(png: &[u8]) -> (Vec<u8>, u32, u32) {
    let mut reader = png::Decoder::new(std::io::Cursor::new(png)).read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut pixels).unwrap();
    (pixels, info.width, info.height)
}

fn decode(luma: Vec<u8>, side: u32) -> String {
    rxing::helpers::detect_in_luma(luma, side, side, Some(rxing::BarcodeFormat::QR_CODE))
        .unwrap()
        .getText()
        .to_owned()
}

#[test]
fn a_png_reads_back_and_has_its_quiet_zone() {
    for text in ["HTTPS://A.VN/D/0123456789", "https://xã.vn/Ê\u{306}?a=1&b=2", "7"] {
        let (pixels, width, height) = read_png(&qr_png(text, 4).unwrap());
        assert_eq!(width, height);
        let border = 4 * 4;
        assert!(pixels[..(width * border) as usize].iter().all(|pixel| *pixel == 255));
        assert_eq!(decode(pixels, width), text);
    }
}

/// Paints the outline by the even-odd rule, row by row, and compares it with the PNG of one pixel a module.
#[test]
fn the_outline_of_the_svg_paints_the_same_modules_as_the_png() {
    for n in 0..40 {
        let text = format!("HTTPS://VAORA.DAKLAK.GOV.VN/D/{n:010}");
        let svg = qr_svg(&text).unwrap();
        let (pixels, side, _) = read_png(&qr_png(&text, 1).unwrap());
        let path = svg.rsplit_once(" d=\"").unwrap().1.split_once('"').unwrap().0;
        let painted = paint(path, side as usize);
        let expected: Vec<bool> = pixels.iter().map(|pixel| *pixel == 0).collect();
        assert_eq!(painted, expected, "{text}");
        assert!(svg.contains(&format!("viewBox=\"0 0 {side} {side}\"")));
    }
}

fn paint(path: &str, side: usize) -> Vec<bool> {
    let mut crossings = vec![false; side * side];
    for outline in path.split('M').skip(1) {
        let (start, runs) = outline.split_at(outline.find(['h', 'v']).unwrap());
        let (x0, y0) = start.split_once(' ').unwrap();
        let (mut x, mut y): (isize, isize) = (x0.parse().unwrap(), y0.parse().unwrap());
        let first_y = y;
        let mut vertical = |x: isize, from: isize, to: isize| {
            for row in from.min(to)..from.max(to) {
                crossings[row as usize * side + x as usize] ^= true;
            }
        };
        let mut rest = runs.trim_end_matches('z');
        while !rest.is_empty() {
            let end = rest[1..].find(['h', 'v']).map_or(rest.len(), |at| at + 1);
            let length: isize = rest[1..end].parse().unwrap();
            if rest.starts_with('h') {
                x += length;
            } else {
                vertical(x, y, y + length);
                y += length;
            }
            rest = &rest[end..];
        }
        vertical(x, y, first_y);
    }
    let mut painted = Vec::with_capacity(side * side);
    for row in crossings.chunks(side) {
        let mut inside = false;
        painted.extend(row.iter().map(|crossing| {
            inside ^= crossing;
            inside
        }));
    }
    painted
}

#[test]
fn an_svg_is_safe_to_put_into_a_page() {
    let svg = qr_svg("\"><script>alert(1)</script>&").unwrap();
    assert!(svg.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\""));
    assert!(svg.contains("role=\"img\" aria-label=\"&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;\""));
    assert!(!svg.contains("<script") && !svg.contains("style"));
}

#[test]
fn a_text_too_long_is_refused() {
    for text in [String::new(), "A".repeat(QR_TEXT_CHARS_MAX + 1)] {
        assert!(matches!(qr_svg(&text), Err(DocumentError::QrText { .. })));
        assert!(matches!(qr_png(&text, 4), Err(DocumentError::QrText { .. })));
    }
    assert!(qr_svg(&"Ê".repeat(QR_TEXT_CHARS_MAX)).is_ok());
}
