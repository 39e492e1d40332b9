use store::reference::{DiseaseRule, PlaceType};

use crate::common::rows::place_type;

fn rule(profile: &str, from: &str, minutes: i64) -> DiseaseRule {
    DiseaseRule {
        profile: profile.to_owned(),
        label_vi: "Sởi".to_owned(),
        label_en: "Measles".to_owned(),
        valid_from_on: from.to_owned(),
        look_back_days: 4,
        min_overlap_minutes: minutes,
        same_space: "place".to_owned(),
        question_days: 21,
        latency_hours: 48,
        source: "QĐ 4845/QĐ-BYT".to_owned(),
    }
}

on_both! {
    async fn place_types_are_added_and_renewed(on) {
        let bus = PlaceType { code: "XE".into(), name_vi: "Bến xe".into(), closes_at: None, ..place_type() };
        on.store.put_place_types(&[place_type(), bus]).await.unwrap();
        let renewed = PlaceType { default_stay_minutes: 90, closes_at: None, ..place_type() };
        on.store.put_place_types(std::slice::from_ref(&renewed)).await.unwrap();
        on.store.put_place_types(&[renewed]).await.unwrap();
        let types = on.store.place_types().await.unwrap();
        let facts: Vec<_> =
            types.iter().map(|t| (t.code.as_str(), t.default_stay_minutes, t.closes_at.as_deref())).collect();
        assert_eq!(facts, [("XE", 60, None), ("CHO", 90, None)], "B before C");
    }

    async fn rules_are_dated_and_renewed(on) {
        let rules = [rule("measles", "2025-01-01", 10), rule("measles", "2026-01-01", 15), rule("covid-19", "2021-07-30", 15)];
        on.store.put_disease_rules(&rules).await.unwrap();
        on.store.put_disease_rules(&[rule("measles", "2026-01-01", 5)]).await.unwrap();
        let rules = on.store.disease_rules().await.unwrap();
        let facts: Vec<_> = rules
            .iter()
            .map(|r| (r.profile.as_str(), r.valid_from_on.as_str(), r.min_overlap_minutes))
            .collect();
        assert_eq!(facts, [("covid-19", "2021-07-30", 15), ("measles", "2026-01-01", 5), ("measles", "2025-01-01", 10)]);
        assert_eq!((rules[1].look_back_days, rules[1].question_days), (4, 21));
    }
}
