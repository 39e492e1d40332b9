//! What a code says, as text ready to store or show.

use std::fmt;

/// Sex as cards state it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Sex {
    /// Nam.
    Male,
    /// Nữ.
    Female,
    /// Not stated or not readable.
    Unknown,
}

/// The fields of a code; absent ones are left out when serialised. Most are personal data, so `Debug` names
/// the fields present and shows no value.
#[derive(Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Fields {
    /// Number of the identity document: CCCD 12 digits, CMND 9, or a passport. Absent where masked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_number: Option<String>,
    /// Number of the document that this card replaced: CMND 9 digits or CCCD 12.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old_id_number: Option<String>,
    /// True where the code hides part of the document number; key on `qid` then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_masked: Option<bool>,
    /// Full name, NFC, as the card writes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Name on our own card, already shortened by [`crate::name::mask`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub masked_name: Option<String>,
    /// Date of birth, `YYYY-MM-DD`; absent where only the year is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub birth_date: Option<String>,
    /// Year of birth, only where `birth_date` is absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub birth_year: Option<u16>,
    /// True where the code hides the day or the month of birth.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub birth_masked: Option<bool>,
    /// Sex as stated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sex: Option<Sex>,
    /// Address as the card writes it, one line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// Mobile number, E.164.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// Health-insurance number: 2 letters and 13 digits, or the 10 digits of the new cards.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bhyt_number: Option<String>,
    /// Office that issued the health-insurance card.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub office: Option<String>,
    /// Identifier given by the national platform (Decision 1405/QĐ-BTTTT).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub qid: Option<String>,
    /// Identifier of the person who declared for this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub declarer_qid: Option<String>,
    /// Whether somebody else declared for this person (LoaiDinhDanh 1).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub declared_by_other: Option<bool>,
    /// Day the card was issued, `YYYY-MM-DD`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issued_on: Option<String>,
    /// Our place code, ten characters upper case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place_code: Option<String>,
    /// Rotating part of the code on a screen, six characters upper case; see [`crate::moment`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rotating: Option<String>,
    /// Host of our link in lower case, with its port if it has one; the caller compares it with its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// Number of our own card, 16 hexadecimal digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub card_number: Option<String>,
    /// Which issuing key signed our own card.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub card_key_id: Option<u8>,
    /// Last day our own card is valid, `YYYY-MM-DD`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_on: Option<String>,
}

impl Fields {
    /// The year of birth, from the date or the year alone.
    #[must_use]
    pub fn year_of_birth(&self) -> Option<u16> {
        let from_date = || self.birth_date.as_ref().and_then(|date| date.get(..4)?.parse().ok());
        self.birth_year.or_else(from_date)
    }

    /// The ten digits of the social-insurance number, which stays the same when a card of the old form (2
    /// letters, 13 digits) is replaced by one of the new form (these digits alone): the value to index.
    #[must_use]
    pub fn social_insurance_number(&self) -> Option<&str> {
        let number = self.bhyt_number.as_deref()?;
        number.get(number.len().checked_sub(10)?..)
    }

    /// The names of the fields that are present.
    #[must_use]
    pub fn present(&self) -> Vec<&'static str> {
        let all = [
            ("id_number", self.id_number.is_some()),
            ("old_id_number", self.old_id_number.is_some()),
            ("id_masked", self.id_masked.is_some()),
            ("name", self.name.is_some()),
            ("masked_name", self.masked_name.is_some()),
            ("birth_date", self.birth_date.is_some()),
            ("birth_year", self.birth_year.is_some()),
            ("birth_masked", self.birth_masked.is_some()),
            ("sex", self.sex.is_some()),
            ("address", self.address.is_some()),
            ("phone", self.phone.is_some()),
            ("bhyt_number", self.bhyt_number.is_some()),
            ("office", self.office.is_some()),
            ("qid", self.qid.is_some()),
            ("declarer_qid", self.declarer_qid.is_some()),
            ("declared_by_other", self.declared_by_other.is_some()),
            ("issued_on", self.issued_on.is_some()),
            ("place_code", self.place_code.is_some()),
            ("rotating", self.rotating.is_some()),
            ("host", self.host.is_some()),
            ("card_number", self.card_number.is_some()),
            ("card_key_id", self.card_key_id.is_some()),
            ("expires_on", self.expires_on.is_some()),
        ];
        all.into_iter().filter_map(|(name, is_present)| is_present.then_some(name)).collect()
    }
}

impl fmt::Debug for Fields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fields({})", self.present().join(", "))
    }
}
