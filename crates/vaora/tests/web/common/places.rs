//! Places, their codes and gates, made through the store.

use domain::{name::fold, phone::Phone};
use store::places::Place;
use vaora::{
    cards::{Issue, issue},
    gate,
    ids::{new_id, new_token},
    intake::identity::{Identity, owner_index},
    web::{
        place_edit::new_code,
        place_new::{Contact, seal_contact},
    },
};

use super::{TestApp, client::Client};

/// An approved place with one area.
#[derive(Clone)]
pub struct Open {
    /// Place.
    pub id: i64,
    /// Its area.
    pub area_id: i64,
    /// The area's code in force.
    pub code: String,
}

/// Phone of the owners of places in tests.
pub const OWNER_PHONE: &str = "0987654321";
/// Name of the owners of places in tests.
pub const OWNER_NAME: &str = "Chủ Quán Hương Xoan";

impl TestApp {
    /// Registers a place that waits for its commune.
    pub async fn waiting_place(&self, name: &str, unit_id: i64) -> i64 {
        let id = new_id();
        let phone = Phone::parse(OWNER_PHONE).unwrap();
        let contact = Contact { name: OWNER_NAME.to_owned(), phone: phone.e164() };
        let place = Place {
            id,
            name: name.to_owned(),
            type_code: "CQNN".to_owned(),
            unit_id,
            address: "12 Lê Duẩn".to_owned(),
            contact_sealed: seal_contact(&self.app, id, &contact).unwrap(),
            owner_index: owner_index(&self.app.keyfile.index_key, &phone).to_vec(),
            state: "submitted".to_owned(),
            return_reason: None,
            registered_at: self.clock.now(),
            decided_at: None,
        };
        self.app.store.add_place(&place, &fold(name), &[]).await.unwrap();
        id
    }

    /// An approved place in a commune.
    pub async fn place_in(&self, name: &str, unit_id: i64) -> Open {
        let id = self.waiting_place(name, unit_id).await;
        let area = self.app.store.areas_of_place(id).await.unwrap().remove(0);
        let code = new_code();
        let codes = [(area.id, new_id(), code.clone())];
        assert!(self.app.store.approve_place(id, 0, self.clock.now(), &codes).await.unwrap());
        Open { id, area_id: area.id, code }
    }

    /// An approved place in the home commune.
    pub async fn place(&self, name: &str) -> Open {
        self.place_in(name, self.home().await).await
    }

    /// A printed card of a commune: its sheet, and its number in hexadecimal.
    pub async fn card(&self, unit_id: i64) -> (i64, String) {
        let sheet_id = new_id();
        let holder = Issue {
            identity: Identity {
                name: "H'Bhứt Niê Kdăm".to_owned(),
                birth_year: Some(1950),
                ..Identity::default()
            },
            note: "Buôn Kô Siêr".to_owned(),
            unit_id: Some(unit_id),
            sheet_id,
            kind: "printed",
            issued_by: None,
        };
        let cards = issue(&self.app, vec![holder]).await.unwrap();
        (sheet_id, data_encoding::HEXLOWER.encode(&cards[0].number))
    }

    /// The enrolled device of a new gate.
    pub async fn gate(&self, place: &Open) -> Client {
        let (enrol, token, now) = (new_token(), new_token(), self.clock.now());
        let hash = |secret: &str| gate::hash(&self.app, secret);
        let store = &self.app.store;
        store.add_gate(new_id(), place.area_id, "Cổng chính", hash(&enrol), now + 60_000, now).await.unwrap();
        assert!(store.enrol_gate(hash(&enrol), hash(&token), "Máy thử", now).await.unwrap().is_some());
        let mut device = self.stranger();
        device.put_cookie("vaora_gate", &token);
        device
    }

    /// A browser that has proved the phone of places' owners.
    pub async fn owner(&self) -> Client {
        let mut client = self.stranger();
        client.post("/owner/code-request", &[("phone", OWNER_PHONE)]).await.is(303);
        let code = self.messages.last().code();
        assert_eq!(client.post("/owner/code", &[("code", &code)]).await.is(303).location(), "/owner/places");
        client
    }
}
