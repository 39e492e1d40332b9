//! Sends one-time codes: to an HTTP gateway, or, in demo, to the screen and the log.

use std::time::Duration;

use anyhow::{Context as _, Result};
use domain::phone::Phone;

use crate::config::{Config, SmsGateway};

/// Where one-time codes go.
pub enum Sender {
    /// Shown on the screen and logged: demo only.
    Screen,
    /// Posted to a gateway.
    Gateway(SmsGateway),
    /// Nowhere: no gateway is set.
    Missing,
}

/// What became of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sent {
    /// On its way.
    OnItsWay,
    /// To be shown on the screen (demo).
    ShowOnScreen(String),
    /// No gateway is set.
    NoGateway,
}

/// Longest wait for the gateway.
const TIMEOUT: Duration = Duration::from_secs(10);

impl Sender {
    /// The sender that the settings ask for.
    #[must_use]
    pub fn of(config: &Config) -> Self {
        match &config.sms {
            _ if config.demo => Self::Screen,
            Some(gateway) => Self::Gateway(gateway.clone()),
            None => Self::Missing,
        }
    }

    /// Sends a code to a phone.
    ///
    /// # Errors
    /// When the gateway cannot be reached or refuses.
    pub async fn send(&self, phone: &Phone, text: String, code: &str) -> Result<Sent> {
        match self {
            Self::Screen => {
                tracing::info!(code, "demo: one-time code (no message is sent)");
                Ok(Sent::ShowOnScreen(code.to_owned()))
            }
            Self::Missing => Ok(Sent::NoGateway),
            Self::Gateway(gateway) => {
                let (gateway, to) = (gateway.clone(), phone.e164());
                tokio::task::spawn_blocking(move || post(&gateway, &to, &text)).await??;
                Ok(Sent::OnItsWay)
            }
        }
    }
}

fn post(gateway: &SmsGateway, to: &str, text: &str) -> Result<()> {
    let agent =
        ureq::Agent::new_with_config(ureq::Agent::config_builder().timeout_global(Some(TIMEOUT)).build());
    let mut request = agent.post(&gateway.url);
    if let Some(path) = &gateway.token_file {
        let token = std::fs::read_to_string(path).context("cannot read the SMS gateway's token file")?;
        request = request.header("authorization", &format!("Bearer {}", token.trim()));
    }
    // The gateway's own words may repeat the number, so they are not passed on.
    request
        .send_json(serde_json::json!({ "to": to, "text": text }))
        .map_err(|error| match error {
            ureq::Error::StatusCode(code) => anyhow::anyhow!("the SMS gateway answered {code}"),
            _ => anyhow::anyhow!("the SMS gateway cannot be reached"),
        })
        .map(drop)
}
