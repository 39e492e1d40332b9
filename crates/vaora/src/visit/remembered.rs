//! What a visitor's own device remembers: who the person is and where he is inside. Sealed in a cookie that
//! only the server opens; the server itself keeps nothing by device.

use axum::{http::HeaderMap, response::Response};
use data_encoding::BASE64URL_NOPAD;
use domain::{phone::Phone, time::Millis};
use serde::{Deserialize, Serialize};

use crate::{
    app::App,
    error::Result,
    intake::identity::Identity,
    page::{cookie, set_cookie},
};

/// Cookie's name.
const COOKIE: &str = "vaora_me";
const LABEL: &str = "visitor cookie v1";
/// Seconds for which the device remembers, counted anew at each check-in.
const REMEMBER_S: i64 = 180 * 86_400;
/// Milliseconds after which somebody who never scanned out is no longer taken to be inside.
const INSIDE_MS_MAX: i64 = 12 * 3_600_000;

/// A remembered visitor.
#[derive(Serialize, Deserialize)]
pub struct Remembered {
    /// Who.
    pub identity: Identity,
    /// Place entered last and not left, with the time.
    inside: Option<(i64, Millis)>,
}

impl Remembered {
    /// A visitor seen for the first time.
    #[must_use]
    pub fn of(identity: Identity) -> Self {
        Self { identity, inside: None }
    }

    /// Reads the device's cookie; one that was altered or is of another installation counts as none.
    #[must_use]
    pub fn read(app: &App, headers: &HeaderMap) -> Option<Self> {
        let sealed = BASE64URL_NOPAD.decode(cookie(headers, COOKIE)?.as_bytes()).ok()?;
        let opened = app.keyfile.cookie_key.open(LABEL, &[], &sealed).ok()?;
        serde_json::from_slice(&opened).ok()
    }

    /// Writes the cookie.
    ///
    /// # Errors
    /// When sealing fails.
    pub fn write(&self, app: &App, answer: &mut Response) -> Result<()> {
        let text = zeroize::Zeroizing::new(serde_json::to_vec(self)?);
        let sealed = app.keyfile.cookie_key.seal(LABEL, &[], &text, &mut rand::rng())?;
        set_cookie(app, answer, COOKIE, &BASE64URL_NOPAD.encode(&sealed), "/D", REMEMBER_S);
        Ok(())
    }

    /// Removes the cookie.
    pub fn forget(app: &App, answer: &mut Response) {
        set_cookie(app, answer, COOKIE, "", "/D", 0);
    }

    /// Notes going in or out.
    pub fn note(&mut self, place_id: i64, out: bool, now: Millis) {
        self.inside = (!out).then_some((place_id, now));
    }

    /// Since when the visitor is inside this place, as far as this device knows.
    #[must_use]
    pub fn inside(&self, place_id: i64, now: Millis) -> Option<Millis> {
        self.inside
            .filter(|(place, since)| *place == place_id && now - since < INSIDE_MS_MAX)
            .map(|(_, since)| since)
    }

    /// The phone with most digits hidden.
    #[must_use]
    pub fn phone_masked(&self) -> String {
        let phone = self.identity.phone.as_deref().and_then(|phone| Phone::parse(phone).ok());
        phone.map(|phone| phone.masked()).unwrap_or_default()
    }
}
