//! Rows to start from. Every foreign key of the schema is met by [`ground`].

use domain::admin_unit::AdminUnit;
use store::{
    accounts::NewAccount, cases::Case, openings::Opening, people::Arrival, places::Place,
    reference::PlaceType,
};

use super::House;

/// An instant in the middle of a day of November 2026.
pub const NOW: i64 = 1_795_500_000_000;
/// An hour in milliseconds.
pub const HOUR: i64 = 3_600_000;
/// The commune that [`ground`] makes.
pub const COMMUNE: i64 = 11;

/// A unit that stands since 2021.
pub fn unit(id: i64, code: &str, parent_id: Option<i64>, level: &str) -> AdminUnit {
    AdminUnit {
        id,
        code: code.to_owned(),
        parent_id,
        level: level.to_owned(),
        kind: "xã".to_owned(),
        name: format!("Ea {code}"),
        full_name: format!("Xã Ea {code}"),
        valid_from_on: "2021-01-01".to_owned(),
        valid_until_on: None,
    }
}

/// A market, open until ten.
pub fn place_type() -> PlaceType {
    PlaceType {
        code: "CHO".to_owned(),
        name_vi: "Chợ".to_owned(),
        name_en: "Market".to_owned(),
        type_group: "trade".to_owned(),
        default_stay_minutes: 60,
        closes_at: Some("22:00".to_owned()),
    }
}

/// A province, a district, a commune and a place type.
pub async fn ground(on: &House) {
    let units = [
        unit(1, "66", None, "province"),
        unit(5, "643", Some(1), "district"),
        unit(COMMUNE, "24121", Some(5), "commune"),
    ];
    on.store.put_admin_units(&units, &[]).await.unwrap();
    on.store.put_place_types(&[place_type()]).await.unwrap();
}

/// An account with two roles.
pub fn account(id: i64, login: &str) -> NewAccount {
    NewAccount {
        id,
        login: login.to_owned(),
        name: format!("Cán bộ {login}"),
        unit_id: COMMUNE,
        password_hash: "$argon2id$v=19$".to_owned(),
        totp_sealed: vec![7, 8, 9],
        roles: vec!["tracer".to_owned(), "auditor".to_owned()],
    }
}

/// A market that waits for its commune.
pub fn place(id: i64) -> Place {
    Place {
        id,
        name: format!("Chợ {id}"),
        type_code: "CHO".to_owned(),
        unit_id: COMMUNE,
        address: "Thôn 3".to_owned(),
        contact_sealed: vec![1, 2, 3],
        owner_index: vec![6; 16],
        state: "submitted".to_owned(),
        return_reason: None,
        registered_at: NOW,
        decided_at: None,
    }
}

/// A case of one person that is kept for an hour.
pub fn case(id: i64, persons: &str) -> Case {
    Case {
        id,
        code: String::new(),
        profile: "covid-19".to_owned(),
        unit_id: COMMUNE,
        onset_on: "2026-11-20".to_owned(),
        isolated_on: None,
        persons: persons.to_owned(),
        key_sealed: vec![4; 48],
        file_sealed: None,
        created_by: 100,
        created_at: NOW,
        delete_at: NOW + HOUR,
    }
}

/// A request by account 100.
pub fn opening(id: i64, case_id: i64) -> Opening {
    Opening {
        id,
        case_id,
        purpose: "trace_contacts".to_owned(),
        scope: format!("v1 case={case_id}"),
        scope_hash: vec![3; 32],
        state: "requested".to_owned(),
        requested_by: 100,
        requested_at: NOW,
        decided_by: None,
        decided_at: None,
        reason: None,
        finished_at: None,
        rows_read: None,
        contacts: None,
    }
}

/// Kind of the card's index.
pub const CARD: i64 = 1;
/// Kind of the phone's index.
pub const PHONE: i64 = 2;

/// Somebody who shows a card, with a phone that may be shared.
pub fn arrival(fresh: i64, card: u8, phone: Option<u8>, seen_day: i64) -> Arrival {
    Arrival {
        naming: vec![(CARD, [card; 16])],
        finding: phone.map(|phone| (PHONE, [phone; 16])).into_iter().collect(),
        fresh_person_id: fresh,
        seen_day,
        has_phone: phone.is_some(),
    }
}

/// Settles one arrival, writing a record with this row id when one is needed; answers the person.
pub async fn settle(on: &House, arrival: Arrival, row_id: i64) -> i64 {
    let seal = move |_: usize, person: i64| Some((row_id, 1, person.to_be_bytes().to_vec()));
    on.store.settle_arrivals(&[arrival], NOW, seal).await.unwrap()[0]
}
