use domain::admin_unit::AdminUnit;
use store::admin_units::{DistancingLevel, Population};

use crate::common::rows::{COMMUNE, NOW, ground, unit};

fn figure(year: &str, population: i64, preferred: bool) -> Population {
    Population {
        unit_id: COMMUNE,
        population,
        year: year.to_owned(),
        basis: "census".to_owned(),
        grade: "A".to_owned(),
        source: "Tổng điều tra 2019".to_owned(),
        preferred,
    }
}

fn level(id: i64, from_on: &str, until_on: Option<&str>) -> DistancingLevel {
    DistancingLevel {
        id,
        unit_id: COMMUNE,
        level: "ct16".to_owned(),
        from_on: from_on.to_owned(),
        until_on: until_on.map(str::to_owned),
        source: "CV 7171".to_owned(),
    }
}

on_both! {
    async fn units_read_back_as_they_were_put(on) {
        ground(&on).await;
        let units = on.store.admin_units().await.unwrap();
        assert_eq!(units.iter().map(|u| u.id).collect::<Vec<_>>(), [1, 5, COMMUNE], "higher levels first");
        assert_eq!(units[2], unit(COMMUNE, "24121", Some(5), "commune"));
    }

    async fn importing_twice_is_the_same_as_once(on) {
        ground(&on).await;
        let again = [
            unit(901, "66", None, "province"),
            unit(905, "643", Some(901), "district"),
            AdminUnit { name: "Ea Tam".to_owned(), ..unit(911, "24121", Some(905), "commune") },
            unit(912, "24124", Some(905), "commune"),
        ];
        on.store.put_admin_units(&again, &[(912, 911, true)]).await.unwrap();
        let units = on.store.admin_units().await.unwrap();
        let facts: Vec<_> = units.iter().map(|u| (u.id, u.parent_id, u.name.as_str())).collect();
        assert_eq!(
            facts,
            [(1, None, "Ea 66"), (5, Some(1), "Ea 643"), (912, Some(5), "Ea 24124"), (COMMUNE, Some(5), "Ea Tam")],
            "ids stay, names are renewed, the new one hangs under the old district"
        );
        assert_eq!(on.store.unit_predecessors(912).await.unwrap(), [(COMMUNE, true)]);
    }

    async fn a_code_used_again_later_is_another_unit(on) {
        ground(&on).await;
        let later = AdminUnit { valid_from_on: "2025-07-01".to_owned(), ..unit(30, "24121", Some(1), "commune") };
        on.store.put_admin_units(&[later], &[(30, COMMUNE, false), (30, 5, true)]).await.unwrap();
        assert_eq!(on.store.admin_units().await.unwrap().len(), 4);
        assert_eq!(on.store.unit_predecessors(30).await.unwrap(), [(5, true), (COMMUNE, false)]);
        on.store.put_admin_units(&[], &[(30, COMMUNE, true)]).await.unwrap();
        assert_eq!(on.store.unit_predecessors(30).await.unwrap(), [(5, true), (COMMUNE, true)]);
        assert!(on.store.unit_predecessors(COMMUNE).await.unwrap().is_empty());
    }

    async fn a_unit_without_its_parent_keeps_nothing(on) {
        ground(&on).await;
        let units = [unit(40, "24130", Some(5), "commune"), unit(41, "24133", Some(999), "commune")];
        assert!(on.store.put_admin_units(&units, &[]).await.is_err());
        assert_eq!(on.store.admin_units().await.unwrap().len(), 3);
    }

    async fn one_population_is_preferred(on) {
        ground(&on).await;
        on.store.put_populations(&[figure("2019", 9_000, true), figure("2020", 9_100, false)]).await.unwrap();
        on.store.put_populations(&[figure("2019", 9_001, true)]).await.unwrap();
        let preferred = on.store.preferred_populations().await.unwrap();
        assert_eq!(preferred.iter().map(|f| (f.population, f.year.as_str())).collect::<Vec<_>>(), [(9_001, "2019")]);
        on.store.put_populations(&[figure("2024", 9_500, true)]).await.unwrap();
        let preferred = on.store.preferred_populations().await.unwrap();
        assert_eq!(preferred.iter().map(|f| (f.population, f.year.as_str())).collect::<Vec<_>>(), [(9_500, "2024")]);
        assert_eq!(on.count("SELECT COUNT(*) FROM populations").await, 3, "the others stay on record");
    }

    async fn distancing_levels_are_dated(on) {
        ground(&on).await;
        on.store.add_distancing_level(&level(1, "2021-07-24", Some("2021-09-01"))).await.unwrap();
        on.store.add_distancing_level(&level(2, "2021-09-01", None)).await.unwrap();
        let levels = on.store.distancing_levels().await.unwrap();
        let facts: Vec<_> = levels.iter().map(|l| (l.id, l.until_on.as_deref())).collect();
        assert_eq!(facts, [(2, None), (1, Some("2021-09-01"))]);
        assert!(on.store.add_distancing_level(&level(2, "2022-01-01", None)).await.is_err(), "the id is taken");
    }

    async fn boundaries_are_replaced(on) {
        ground(&on).await;
        on.store.put_boundaries(&[(COMMUNE, "108,12 108,13".to_owned()), (5, "x".to_owned())], NOW).await.unwrap();
        on.store.put_boundaries(&[(COMMUNE, "108,12 109,13".to_owned())], NOW + 1).await.unwrap();
        let expected = [(5, "x".to_owned()), (COMMUNE, "108,12 109,13".to_owned())];
        assert_eq!(on.store.boundaries().await.unwrap(), expected);
        assert!(on.store.put_boundaries(&[(5, "y".to_owned()), (999, "z".to_owned())], NOW).await.is_err());
        assert_eq!(on.store.boundaries().await.unwrap(), expected, "all or nothing");
    }
}
