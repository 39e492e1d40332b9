//! Photos: only the picture is kept. A JPEG is walked segment by segment, and everything that is not needed to show it
//! (EXIF with place and time, comments, thumbnails, profiles, what follows its end) is left out.

/// Largest photo, in bytes.
pub const PHOTO_BYTES_MAX: usize = 300 * 1024;
/// Most photos of an inspection.
pub const PHOTOS_MAX: usize = 3;

/// A plain JFIF header is 16 bytes long; a longer one carries a thumbnail.
const JFIF_LENGTH: usize = 16;

/// The picture without anything else; none when the bytes are no whole JPEG.
#[must_use]
pub fn stripped(bytes: &[u8]) -> Option<Vec<u8>> {
    if bytes.len() > PHOTO_BYTES_MAX || !bytes.starts_with(&[0xFF, 0xD8]) {
        return None;
    }
    let mut out = vec![0xFF, 0xD8];
    let mut at = 2;
    let mut has_picture = false;
    loop {
        if *bytes.get(at)? != 0xFF {
            return None;
        }
        let marker = *bytes.get(at + 1)?;
        match marker {
            // Fill bytes may stand before a marker.
            0xFF => {
                at += 1;
                continue;
            }
            0xD9 => {
                out.extend([0xFF, 0xD9]);
                return has_picture.then_some(out);
            }
            0x00 | 0x01 | 0xD0..=0xD8 => return None,
            _ => {}
        }
        let length = usize::from(u16::from_be_bytes([*bytes.get(at + 2)?, *bytes.get(at + 3)?]));
        let end = at + 2 + length;
        let segment = bytes.get(at..end).filter(|_| length >= 2)?;
        if is_needed(marker, segment) {
            out.extend(segment);
        }
        at = end;
        if marker == 0xDA {
            has_picture = true;
            let data = entropy_coded(bytes.get(at..)?)?;
            out.extend(data);
            at += data.len();
        }
    }
}

/// Tables, frames, scans, restart intervals, and a plain JFIF header. What is not named here goes, reserved markers
/// too: decoders skip them, and text could stand in them.
fn is_needed(marker: u8, segment: &[u8]) -> bool {
    match marker {
        0xE0 => segment.len() == JFIF_LENGTH + 2 && segment[4..9] == *b"JFIF\0",
        0xC0..=0xC7 | 0xC9..=0xCF | 0xDA..=0xDD => true,
        _ => false,
    }
}

/// What stands between a scan's header and the next marker; restart markers belong to it.
fn entropy_coded(bytes: &[u8]) -> Option<&[u8]> {
    let mut at = 0;
    while at + 1 < bytes.len() {
        if bytes[at] == 0xFF && !matches!(bytes[at + 1], 0x00 | 0xD0..=0xD7) {
            return Some(&bytes[..at]);
        }
        at += 1;
    }
    None
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at what is missing")]
mod tests {
    use super::*;

    fn segment(marker: u8, content: &[u8]) -> Vec<u8> {
        let length = u16::try_from(content.len() + 2).unwrap().to_be_bytes();
        [&[0xFF, marker], length.as_slice(), content].concat()
    }

    fn photo(extra: &[Vec<u8>]) -> Vec<u8> {
        let mut bytes = vec![0xFF, 0xD8];
        bytes.extend(segment(0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0"));
        for one in extra {
            bytes.extend(one);
        }
        bytes.extend(segment(0xDB, &[0; 65]));
        bytes.extend(segment(0xC0, &[8, 0, 1, 0, 1, 1, 1, 0x11, 0]));
        bytes.extend(segment(0xDA, &[1, 1, 0, 0, 63, 0]));
        bytes.extend([0x12, 0xFF, 0x00, 0x34, 0xFF, 0xD0, 0x56, 0xFF, 0xD9]);
        bytes
    }

    #[test]
    fn place_and_time_and_comments_are_left_out() {
        let exif = segment(0xE1, b"Exif\0\0GPS 12.6667, 108.0383");
        let comment = segment(0xFE, "chụp lúc 9 giờ".as_bytes());
        let thumbnail = segment(0xE0, b"JFXX\0\x10thumb");
        let reserved = [0x02, 0xBF, 0xC8, 0xDE, 0xF7].map(|marker| segment(marker, b"12.6667, 108.0383"));
        let extra = [vec![exif, comment, thumbnail], reserved.to_vec()].concat();
        let tail = [photo(&extra), b"after the end".to_vec()].concat();
        let kept = stripped(&tail).unwrap();
        assert_eq!(kept, photo(&[]));
        assert_eq!(stripped(&kept).unwrap(), kept, "twice is the same as once");
    }

    #[test]
    fn what_is_no_whole_jpeg_is_refused() {
        let whole = photo(&[]);
        for end in 0..whole.len() {
            assert_eq!(stripped(&whole[..end]), None, "{end}");
        }
        assert_eq!(stripped(b"\x89PNG\r\n"), None);
        assert_eq!(stripped(&[0xFF, 0xD8, 0xFF, 0xD9]), None, "without a picture");
        assert_eq!(stripped(&[0xFF, 0xD8, 0xFF, 0xE1, 0x00, 0x01, 0xFF, 0xD9]), None, "a length below two");
        assert_eq!(stripped(&vec![0xFF; PHOTO_BYTES_MAX + 1]), None);
    }
}
