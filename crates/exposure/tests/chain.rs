//! Chains between two cases: as short and as early as the oracle's, and each link as the question wants it.
#![expect(clippy::unwrap_used, reason = "tests")]

mod common;

use std::sync::atomic::AtomicBool;

use common::{any_rule, any_visit, any_window, index_of, town};
use exposure::{
    CaseWindow, ChainQuestion, Error, ExposureRule, Link, SameSpace, Span, Stop, Visit, chain::LINKS_MAX,
    oracle,
};
use proptest::prelude::*;

/// Every link rests on two visits and on the link before it.
fn check_links(chain: &[Link], visits: &[Visit], question: &ChainQuestion) {
    let mut infectious = question.from.window;
    assert!(question.from.persons.contains(&chain[0].from_person));
    assert!(question.to.contains(&chain[chain.len() - 1].person));
    for (number, link) in chain.iter().enumerate() {
        if number > 0 {
            let before = &chain[number - 1];
            assert_eq!(before.person, link.from_person);
            let isolated = question.isolated.iter().filter(|isolated| isolated.0 == link.from_person);
            let until = isolated.map(|isolated| isolated.1).min().unwrap_or(u32::MAX).min(question.until);
            infectious = Span::new(before.overlap.from + question.latency_seconds, until).unwrap();
        }
        assert!(link.overlap.seconds() >= question.rule.min_overlap_seconds.max(1));
        let rests = visits.iter().filter(|visit| visit.person == link.from_person).any(|source| {
            visits.iter().filter(|visit| visit.person == link.person).any(|other| {
                let together = match question.rule.same {
                    SameSpace::Area => source.area_id == other.area_id,
                    SameSpace::Place => source.place == other.place,
                };
                let ids = (source.area_id, other.area_id, other.place);
                let shared = source.span().common(other.span()).and_then(|span| span.common(infectious));
                together
                    && ids == (link.from_area_id, link.area_id, link.place)
                    && shared == Some(link.overlap)
            })
        });
        assert!(rests, "{link:?} rests on no visits");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(4_000) })]

    #[test]
    fn chains_are_as_short_and_early_as_the_oracles(
        list in prop::collection::vec(any_visit(), 0..50),
        from in prop::collection::vec(0_u64..4, 0..2),
        to in prop::collection::vec(0_u64..4, 0..2),
        window in any_window(),
        until in 40_u32..90,
        latency_seconds in 0_u32..15,
        rule in any_rule(),
        isolated in prop::collection::vec((0_u64..4, 0_u32..90), 0..2),
        links_max in 0_usize..=LINKS_MAX,
    ) {
        let question = ChainQuestion {
            from: CaseWindow { persons: &from, window }, to: &to, until, latency_seconds, rule,
            isolated: &isolated, links_max,
        };
        let slow = oracle::chain(&list, &question);
        let fast = index_of(list.clone()).chain(&question, Stop::NEVER).unwrap();
        let last = |chain: &Vec<Link>| chain.last().map_or(0, |link| link.overlap.from);
        prop_assert_eq!(fast.as_ref().map(|chain| (chain.len(), last(chain))), slow);
        if let Some(chain) = fast.filter(|chain| !chain.is_empty()) {
            check_links(&chain, &list, &question);
        }
    }
}

#[test]
fn a_town_over_two_threads_has_sound_chains() {
    let visits = town(220_000, 9_000, 2_000, true);
    let index = index_of(visits.clone());
    let mut links = 0;
    for to in 0..12 {
        let question = ChainQuestion {
            from: CaseWindow { persons: &[17], window: Span { from: 0, until: 200_000 } },
            to: &[to * 700],
            until: 1_000_000,
            latency_seconds: 3_600,
            rule: ExposureRule { min_overlap_seconds: 900, same: SameSpace::Area },
            isolated: &[],
            links_max: LINKS_MAX,
        };
        if let Some(chain) = index.chain(&question, Stop::NEVER).unwrap() {
            check_links(&chain, &visits, &question);
            links += chain.len();
        }
    }
    assert!(links > 24, "{links}");
}

#[test]
fn a_chain_has_limits_and_can_be_given_up() {
    let index = index_of(town(2_000, 100, 20, true));
    let mut question = ChainQuestion {
        from: CaseWindow { persons: &[17], window: Span::ALWAYS },
        to: &[18],
        until: u32::MAX,
        latency_seconds: 0,
        rule: ExposureRule { min_overlap_seconds: 0, same: SameSpace::Area },
        isolated: &[],
        links_max: LINKS_MAX,
    };
    let flag = AtomicBool::new(true);
    assert_eq!(index.chain(&question, Stop::when(&flag)), Err(Error::Cancelled));
    question.links_max += 1;
    let refused = Error::TooMany { what: "links of a chain", limit: LINKS_MAX };
    assert_eq!(index.chain(&question, Stop::NEVER), Err(refused));
}
