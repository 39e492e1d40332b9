//! Oddities, as tables of what is odd and what is not.

use std::collections::BTreeSet;

use domain::plausible::{
    Nearness, Oddity, Rules, fell_silent, is_burst, is_closed, is_device_burst, km_between, too_far,
};
use jiff::civil::{Time, date, time};
use proptest::prelude::*;

#[test]
fn oddities_have_stable_codes_and_labels() {
    let codes: Vec<&str> = Oddity::ALL.iter().map(|oddity| oddity.code()).collect();
    assert_eq!(codes, ["too_far", "burst", "closed_hours", "fell_silent", "clone", "gaps"]);
    for oddity in Oddity::ALL {
        assert_eq!(Oddity::parse(oddity.code()), Some(*oddity));
    }
    assert_eq!(Oddity::parse("other"), None);
    for label in [Oddity::vi, Oddity::en] {
        assert_eq!(Oddity::ALL.iter().map(|o| label(*o)).collect::<BTreeSet<_>>().len(), codes.len());
    }
}

#[test]
fn two_places_in_too_short_a_time() {
    let rules = Rules::default();
    assert_eq!((rules.km_per_hour_max, rules.valid_from_on), (120, date(2021, 8, 5)));
    for (nearness, odd_below_s) in [
        (Nearness::SamePlace, 0),
        (Nearness::SameCommune, 60),
        (Nearness::SameDistrict, 300),
        (Nearness::Unknown, 900),
        (Nearness::Km(0), 0),
        (Nearness::Km(1), 30),
        (Nearness::Km(60), 1800),
        (Nearness::Km(120), 3600),
    ] {
        for sign in [1, -1] {
            assert!(!too_far(nearness, sign * odd_below_s, &rules), "{nearness:?} just in time");
            assert_eq!(too_far(nearness, sign * (odd_below_s - 1), &rules), odd_below_s > 0, "{nearness:?}");
        }
        assert!(!too_far(nearness, i64::MIN, &rules));
    }
    assert!(!too_far(Nearness::Km(60), 1799, &Rules { km_per_hour_max: 130, ..rules }), "rules are data");
}

#[test]
fn bursts_of_networks_and_devices() {
    let rules = Rules::default();
    for (scans, seconds, network, device) in [
        (40, 60, false, false),
        (41, 60, true, false),
        (120, 60, true, false),
        (121, 60, true, true),
        (400, 600, false, false),
        (401, 600, true, false),
        (6, 1, false, false),
        (41, 1, true, false),
        (121, 0, true, true),
        (0, 0, false, false),
        (u32::MAX, u32::MAX, true, false),
    ] {
        assert_eq!(is_burst(scans, seconds, &rules), network, "{scans} in {seconds} s, network");
        assert_eq!(is_device_burst(scans, seconds, &rules), device, "{scans} in {seconds} s, device");
    }
}

fn clock(text: &str) -> Option<Time> {
    text.parse().ok()
}

#[test]
fn closed_hours_with_an_hour_of_slack_and_over_midnight() {
    for (opens, closes, open_at, closed_at) in [
        (
            "07:00",
            "17:00",
            &["06:00", "07:00", "12:00", "18:00"][..],
            &["05:59", "18:01", "00:00", "23:59"][..],
        ),
        ("18:00", "02:00", &["17:00", "23:59", "00:00", "03:00"], &["16:59", "03:01", "12:00"]),
        ("00:00", "23:59", &["00:00", "12:00", "23:59"], &[]),
        ("00:30", "17:00", &["23:30", "00:00", "18:00"], &["23:29", "18:01"]),
        ("08:00", "08:00", &["03:00", "08:00", "20:00"], &[]),
        ("05:00", "04:00", &["04:30", "00:00"], &[]),
        ("", "17:00", &["00:00", "03:00", "18:00"], &["18:01", "23:59"]),
        ("", "23:30", &["00:00", "23:59"], &[]),
        ("07:00", "", &["06:00", "23:59"], &["05:59", "00:01"]),
        ("00:00", "", &["00:00", "12:00", "23:59"], &[]),
        ("18:00", "", &["00:30", "09:00"], &[]),
        ("", "01:00", &["02:30", "09:00"], &[]),
        ("", "", &["03:00"], &[]),
    ] {
        for at in open_at {
            assert_eq!(
                clock(at).map(|at| is_closed(clock(opens), clock(closes), at)),
                Some(false),
                "{opens}–{closes} {at}"
            );
        }
        for at in closed_at {
            assert_eq!(
                clock(at).map(|at| is_closed(clock(opens), clock(closes), at)),
                Some(true),
                "{opens}–{closes} {at}"
            );
        }
    }
}

#[test]
fn a_busy_place_falls_silent() {
    let week = [30, 20, 0, 25, 40, 20, 20];
    for (counts, today, hour, expected) in [
        (&week[..], 0, 13, false),
        (&week, 0, 14, true),
        (&week, 1, 14, false),
        (&week, 1, 20, true),
        (&week, 2, 20, false),
        (&week, 0, 23, true),
        (&[19; 7], 0, 23, false),
        (&[100; 7], 9, 20, true),
        (&[100; 7], 10, 20, false),
        (&[100; 7], 9, 19, false),
        (&[0, 0, 0, 0, 90, 90, 90], 0, 20, false),
        (&[10, 30], 0, 20, false),
        (&[], 0, 20, false),
        (&[i64::MAX; 7], i64::MAX, 20, false),
    ] {
        assert_eq!(fell_silent(counts, today, hour), expected, "{counts:?} then {today} by {hour}h");
    }
}

#[test]
fn distances_are_those_of_the_map() {
    // Buôn Ma Thuột to Hà Nội and to Hồ Chí Minh City: about 940 and 260 km in a straight line.
    let (buon_ma_thuot, ha_noi, ho_chi_minh) = ((108.05, 12.667), (105.854, 21.028), (106.702, 10.776));
    let far = km_between(buon_ma_thuot, ha_noi);
    assert!((950.0..970.0).contains(&far), "{far}");
    let nearer = km_between(buon_ma_thuot, ho_chi_minh);
    assert!((250.0..265.0).contains(&nearer), "{nearer}");
    let degree = km_between((108.0, 12.0), (108.0, 13.0));
    assert!((degree - 111.195).abs() < 0.01, "a degree of latitude, {degree}");
    let half = km_between((0.0, 0.0), (180.0, 0.0));
    assert!((half - 20_015.087).abs() < 0.01, "half the equator, {half}");
}

proptest! {
    #[test]
    fn distance_is_symmetric_and_bounded(
        a in (-180.0..180.0, -90.0..90.0), b in (-180.0..180.0, -90.0..90.0)
    ) {
        let (there, back) = (km_between(a, b), km_between(b, a));
        prop_assert!((there - back).abs() < 1e-6 && (0.0..20_016.0).contains(&there), "{there} {back}");
        prop_assert!(km_between(a, a) < 1e-6);
    }

    #[test]
    fn no_time_within_the_hours_is_closed(opens in 0_i8..24, hours in 1_i8..24, into in 0_i32..86_400) {
        let closes = time((opens + hours) % 24, 0, 0, 0);
        let second = into % (i32::from(hours) * 3600);
        let at = time(opens, 0, 0, 0).wrapping_add(jiff::SignedDuration::from_secs(second.into()));
        prop_assert!(!is_closed(Some(time(opens, 0, 0, 0)), Some(closes), at));
    }
}
