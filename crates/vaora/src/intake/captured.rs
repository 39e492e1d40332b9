//! What a gate captured, and whom it is about: shared by the open API, sealed queues, paper and telephone.

use domain::{
    card::{self, Reading, Verdict, own_card::SignedCard},
    phone::Phone,
    scan::Way,
};
use jiff::civil::Date;
use seal::sign::Signature;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    app::App,
    cards::{CARD_PURPOSE, PHONE_KEY_ID},
    i18n::Lang,
    intake::identity::Identity,
    web::forms,
};

/// Most companions that come with one scan.
pub const COMPANIONS_MAX: usize = 20;

/// In or out.
#[derive(Deserialize, Serialize, Clone, Copy, PartialEq, Eq, ToSchema, Debug)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// Came in.
    In,
    /// Left.
    Out,
}

/// A person typed in.
#[derive(Deserialize, ToSchema, Clone)]
pub struct Typed {
    /// Full name.
    pub name: String,
    /// Mobile number; empty only with `no_phone`.
    #[serde(default)]
    pub phone: String,
    /// Year of birth.
    #[serde(default)]
    pub birth_year: Option<u16>,
    /// Hamlet or commune.
    #[serde(default)]
    pub address: Option<String>,
}

/// How a scan came to the gate's device.
#[derive(Deserialize, Serialize, Clone, Copy, PartialEq, Eq, Default, Debug)]
#[serde(rename_all = "lowercase")]
pub enum How {
    /// By camera or hand-held reader, or as the code's text.
    #[default]
    Read,
    /// Typed at the door.
    Typed,
    /// Keyed in from a paper form.
    Paper,
    /// Told by telephone.
    Telephone,
}

/// What was captured at a door. Has no `Debug`, so that no log shows it.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Captured {
    /// Direction; in when missing.
    pub kind: Option<Direction>,
    /// Text of the code that was read.
    pub code: Option<String>,
    /// A person typed instead of a code.
    pub typed: Option<Typed>,
    /// Phone given for a card that carries none.
    pub phone: Option<String>,
    /// True when the person has no phone.
    pub no_phone: bool,
    /// Names of those who came with this person.
    pub companions: Vec<String>,
    /// Name of the relative who declared for this person.
    pub declared_by: Option<String>,
    /// How it was captured.
    pub how: How,
    /// Set where this adds a phone to an earlier scan of the same code: nobody comes in or goes out by it.
    pub phone_of: Option<uuid::Uuid>,
}

impl Captured {
    /// Direction.
    #[must_use]
    pub fn direction(&self) -> Direction {
        self.kind.unwrap_or(Direction::In)
    }
}

/// Why something captured cannot be kept, in words for the screen.
pub struct Refused {
    /// Stable code.
    pub reason: String,
    /// Short words.
    pub title: String,
    /// What to do.
    pub text: String,
}

/// Who, how far to trust it, and what to look at.
pub struct Subject {
    /// The person.
    pub identity: Identity,
    /// Number of our own card, where one was shown.
    pub card_number: Option<[u8; 8]>,
    /// Way, which sets the assurance.
    pub way: Way,
    /// The most that what was shown can be trusted.
    pub assurance_max: u8,
    /// Sentences for the screen.
    pub warnings: Vec<String>,
}

/// Source words of a refusal in a language.
#[must_use]
pub fn refusal(app: &App, lang: Lang, reason: &str, words: (&str, &str)) -> Refused {
    Refused {
        reason: reason.to_owned(),
        title: app.catalog.text(lang, words.0).to_owned(),
        text: app.catalog.text(lang, words.1).to_owned(),
    }
}

/// Whom it is about. `day` is the local day of the capture: a card that expired since was valid then.
///
/// # Errors
/// [`Refused`] when nobody can be named by it.
pub fn subject(app: &App, captured: &Captured, day: Date, lang: Lang) -> Result<Subject, Refused> {
    let refuse = |reason: &str, words: (&str, &str)| refusal(app, lang, reason, words);
    if captured.companions.len() > COMPANIONS_MAX {
        let words =
            ("Quá nhiều người đi cùng", "Mỗi lượt ghi tối đa 20 người đi cùng; hãy ghi làm nhiều lượt.");
        return Err(refuse("too_many_companions", words));
    }
    let mut found = match &captured.typed {
        Some(typed) => typed_subject(captured, typed, &refuse)?,
        None => read_subject(app, captured, day, lang)?,
    };
    if let Some(given) = captured.phone.as_deref().filter(|given| !given.trim().is_empty()) {
        let phone = Phone::parse(given)
            .map_err(|error| refuse("phone_invalid", ("Sai số điện thoại", forms::phone_problem(&error))))?;
        found.identity.phone = Some(phone.e164());
    }
    if let Some(declarer) = captured.declared_by.as_deref().filter(|name| !name.trim().is_empty()) {
        found.identity.declared_by = domain::name::Name::parse(declarer).ok().map(|name| name.into_string());
    }
    Ok(found)
}

fn typed_subject(
    captured: &Captured,
    typed: &Typed,
    refuse: &impl Fn(&str, (&str, &str)) -> Refused,
) -> Result<Subject, Refused> {
    let name = domain::name::Name::parse(&typed.name)
        .map_err(|error| refuse("name_invalid", ("Sai tên", forms::name_problem(&error))))?;
    let phone =
        match typed.phone.trim() {
            "" if captured.no_phone => None,
            text => Some(Phone::parse(text).map_err(|error| {
                refuse("phone_invalid", ("Sai số điện thoại", forms::phone_problem(&error)))
            })?),
        };
    let address = typed.address.as_deref().map(str::trim).filter(|text| !text.is_empty());
    let identity = Identity {
        name: name.into_string(),
        phone: phone.map(|phone| phone.e164()),
        birth_year: typed.birth_year,
        address: address.map(|text| text.chars().take(120).collect()),
        ..Identity::default()
    };
    let way = match captured.how {
        How::Paper => Way::Paper,
        How::Telephone => Way::Telephone,
        How::Read | How::Typed => Way::Typed,
    };
    Ok(Subject { identity, card_number: None, way, assurance_max: 3, warnings: Vec::new() })
}

fn read_subject(app: &App, captured: &Captured, day: Date, lang: Lang) -> Result<Subject, Refused> {
    let reading = card::read(captured.code.as_deref().unwrap_or_default(), day);
    if reading.verdict == Verdict::Reject {
        return Err(refused_reading(app, &reading, lang));
    }
    let card_number = match reading.kind {
        card::Kind::Place => {
            let words = (
                "Đây là mã địa điểm",
                "Mã này để khách tự quét bằng điện thoại của mình. Ở cổng, hãy quét thẻ căn cước, thẻ BHYT hoặc mã QR cá nhân.",
            );
            return Err(refusal(app, lang, "place_code", words));
        }
        card::Kind::Card => Some(own_card(app, captured, lang)?),
        _ => None,
    };
    // A card that a phone made for itself says who its holder says he is.
    let assurance_max = if reading.fields.card_key_id == Some(PHONE_KEY_ID) { 1 } else { 3 };
    let way = match captured.how {
        How::Paper => Way::Paper,
        How::Telephone => Way::Telephone,
        How::Read | How::Typed => Way::GateCode,
    };
    let warnings = if card_number.is_some() { Vec::new() } else { sentences(&reading, lang) };
    Ok(Subject { identity: of_reading(&reading), card_number, way, assurance_max, warnings })
}

/// The number of our own card, once its signature is found to be ours.
fn own_card(app: &App, captured: &Captured, lang: Lang) -> Result<[u8; 8], Refused> {
    let false_card = || {
        let words = (
            "Thẻ không phải của hệ thống",
            "Chữ ký trên thẻ không đúng. Hãy quét căn cước, thẻ BHYT hoặc nhập tên và số điện thoại.",
        );
        refusal(app, lang, "card_false", words)
    };
    let text = captured.code.as_deref().unwrap_or_default();
    let signed = SignedCard::parse_url(text).map_err(|_| false_card())?;
    let key = app.keyfile.card_signing_key.verify_key();
    key.verify(CARD_PURPOSE, &signed.message, &Signature::from_bytes(signed.signature))
        .map_err(|_| false_card())?;
    Ok(signed.card.number)
}

fn of_reading(reading: &Reading) -> Identity {
    let fields = &reading.fields;
    Identity {
        name: fields.name.clone().or_else(|| fields.masked_name.clone()).unwrap_or_default(),
        phone: fields.phone.clone(),
        birth_year: fields.year_of_birth(),
        sex: fields.sex.and_then(|sex| match sex {
            card::Sex::Male => Some("male".to_owned()),
            card::Sex::Female => Some("female".to_owned()),
            card::Sex::Unknown => None,
        }),
        address: fields.address.clone(),
        id_number: fields.id_number.clone(),
        bhyt_number: fields.social_insurance_number().map(str::to_owned),
        qid: fields.qid.clone(),
        ..Identity::default()
    }
}

fn sentences(reading: &Reading, lang: Lang) -> Vec<String> {
    let sentence = |reason: &card::Reason| match lang {
        Lang::Vi => reason.vi().to_string(),
        Lang::En => reason.en().to_string(),
    };
    reading.reasons.iter().map(sentence).collect()
}

fn refused_reading(app: &App, reading: &Reading, lang: Lang) -> Refused {
    let title = match reading.system {
        Some(system) => {
            app.catalog.fill(lang, "Mã của hệ thống khác: {system}", &[("system", system.to_owned())])
        }
        None => app.catalog.text(lang, "Không đọc được mã này").to_owned(),
    };
    let first = reading.reasons.first();
    Refused {
        reason: first.map(|reason| reason.code().to_string()).unwrap_or_default(),
        title,
        text: sentences(reading, lang).into_iter().next().unwrap_or_default(),
    }
}
