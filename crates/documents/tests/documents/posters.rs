use documents::{
    DocumentError, POSTERS_MAX, Poster, QUIET_ZONE_MODULES, SYMBOL_MM, SYMBOL_MM_MIN, posters_pdf,
};

use crate::poppler::{self, Picture};
use crate::sample::{NOW, hostile_poster, long_poster, poster};

/// Points (1/72 inch) in a millimetre.
const POINTS_PER_MM: f64 = 72.0 / 25.4;

fn decoded(picture: &Picture) -> rxing::RXingResult {
    let (width, height) = (picture.width as u32, picture.height as u32);
    rxing::helpers::detect_in_luma(picture.luma.clone(), width, height, Some(rxing::BarcodeFormat::QR_CODE))
        .expect("the poster's symbol reads")
}

#[test]
fn each_poster_reads_back_as_exactly_its_address() {
    let posters = [poster(), long_poster(), hostile_poster(), Poster { area_name: None, ..poster() }];
    let pdf = posters_pdf(&posters, NOW).unwrap();
    assert_eq!(poppler::pages(&pdf), posters.len(), "one page each, however long the names");
    for (index, poster) in posters.iter().enumerate() {
        let result = decoded(&poppler::picture(&pdf, index + 1));
        assert_eq!(result.getText(), poster.url);
    }
}

#[test]
fn the_symbol_is_at_least_fifteen_centimetres_wide_and_stands_in_white() {
    const { assert!(SYMBOL_MM >= SYMBOL_MM_MIN) };
    let pdf = posters_pdf(&[long_poster()], NOW).unwrap();
    let picture = poppler::picture(&pdf, 1);
    let result = decoded(&picture);
    // The reader gives the corners of the symbol, which has 29 modules at this length of address.
    let points = result.getPoints();
    let (left, right) = points.iter().fold((f32::MAX, f32::MIN), |(l, r), p| (l.min(p.x), r.max(p.x)));
    let (top, bottom) = points.iter().fold((f32::MAX, f32::MIN), |(t, b), p| (t.min(p.y), b.max(p.y)));
    let module = f64::from(right - left) / 29.0;
    let width_mm = f64::from(right - left) / picture.pixels_per_mm;
    assert!(width_mm >= SYMBOL_MM_MIN - 0.3, "measured {width_mm} mm");
    assert!((width_mm - SYMBOL_MM).abs() < 0.5, "measured {width_mm} mm");

    let reach = module * QUIET_ZONE_MODULES as f64 - 1.0;
    let (x0, x1) = (f64::from(left) - reach, f64::from(right) + reach);
    let (y0, y1) = (f64::from(top) - reach, f64::from(bottom) + reach);
    let inner = 2.0;
    let is_symbol = |x: f64, y: f64| {
        (f64::from(left) - inner..f64::from(right) + inner).contains(&x)
            && (f64::from(top) - inner..f64::from(bottom) + inner).contains(&y)
    };
    for y in y0.ceil() as usize..=y1 as usize {
        for x in x0.ceil() as usize..=x1 as usize {
            let dark = picture.luma[y * picture.width + x] < 250;
            assert!(!dark || is_symbol(x as f64, y as f64), "ink in the quiet zone at {x}, {y}");
        }
    }
}

#[test]
fn a_poster_says_what_its_reader_needs() {
    let text = poppler::flowing_text(&posters_pdf(&[poster()], NOW).unwrap());
    for part in [
        "Chợ Buôn Ma Thuột",
        "Cổng số 2 – dãy rau quả",
        "2 Quang Trung, phường Thắng Lợi, thành phố Buôn Ma Thuột, tỉnh Đắk Lắk",
        "7Q4ZK-M2T9X",
        "1900 0000",
        "UBND phường Thắng Lợi",
        "QUÉT MÃ KHI VÀO, KHI RA",
        "hướng vào mã",
        "bấm VÀO",
        "bấm RA",
        "Dán ở mỗi lối vào, mép trên không quá 130 cm",
        "Mã phiên bản 1 · phát hành 05/08/2021",
        "Scan when you arrive and when you leave",
    ] {
        assert!(text.contains(part), "{part:?} is missing from {text}");
    }
}

#[test]
fn marks_of_ede_names_survive() {
    let text = poppler::flowing_text(&posters_pdf(&[long_poster()], NOW).unwrap());
    for part in ["H'Drơng", "Ê\u{306}ban", "Čư\u{306}", "Ô\u{306}", "Ơ\u{306}", "xã Cư M'gar, huyện Cư M'gar"]
    {
        assert!(text.contains(part), "{part:?} is missing from {text}");
    }
}

#[test]
fn typed_text_is_never_read_as_markup() {
    let text = poppler::flowing_text(&posters_pdf(&[hostile_poster()], NOW).unwrap());
    for part in ["#panic(\"x\") *đậm* _nghiêng_ $x^2$ <nhãn> @ref \\ ]{}[", "`mã`", "=1+1 #x"] {
        assert!(text.contains(part), "{part:?} is missing from {text}");
    }
}

#[test]
fn long_text_stays_inside_its_box() {
    let pdf = posters_pdf(&[long_poster(), hostile_poster()], NOW).unwrap();
    let band_bottom = 48.0 * POINTS_PER_MM;
    let symbol_bottom = 240.0 * POINTS_PER_MM;
    for word in poppler::words(&pdf) {
        assert!(word.x_min >= 0.0 && word.x_max <= 596.0 && word.y_max <= 843.0, "off the page: {word:?}");
        let in_band = word.y_max <= band_bottom;
        let below_symbol = word.y_min >= symbol_bottom;
        assert!(in_band || below_symbol, "over the symbol: {word:?}");
    }
}

#[test]
fn all_posters_of_a_commune_fit_one_file() {
    let posters: Vec<Poster> = (0..60)
        .map(|n| Poster {
            place_name: format!("Quán số {n}"),
            url: format!("HTTPS://A.VN/D/{n:010}"),
            ..poster()
        })
        .collect();
    let pdf = posters_pdf(&posters, NOW).unwrap();
    assert_eq!(poppler::pages(&pdf), 60);
    assert_eq!(decoded(&poppler::picture(&pdf, 60)).getText(), "HTTPS://A.VN/D/0000000059");
}

#[test]
fn the_same_posters_give_the_same_bytes() {
    let make = || posters_pdf(&[poster()], NOW).unwrap();
    assert_eq!(make(), make());
}

#[test]
fn what_does_not_fit_is_refused_by_name() {
    assert!(matches!(posters_pdf(&[], NOW), Err(DocumentError::Nothing("posters"))));
    let many = vec![poster(); POSTERS_MAX + 1];
    assert!(matches!(posters_pdf(&many, NOW), Err(DocumentError::TooMany { count: 501, max: 500, .. })));
    let lower = Poster { url: "https://a.vn/D/1".to_owned(), ..poster() };
    assert!(matches!(posters_pdf(&[lower], NOW), Err(DocumentError::UrlNotAlphanumeric(_))));
    let long = Poster { url: "A".repeat(101), ..poster() };
    assert!(matches!(posters_pdf(&[long], NOW), Err(DocumentError::QrText { chars: 101, max: 100 })));
    let empty = Poster { url: String::new(), ..poster() };
    assert!(matches!(posters_pdf(&[empty], NOW), Err(DocumentError::QrText { chars: 0, .. })));
}
