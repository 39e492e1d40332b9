//! Sends e-mail: to an SMTP server, or, in demo, nowhere.

use std::{path::PathBuf, time::Duration};

use anyhow::{Context as _, Result, bail};
use lettre::{
    Message, SmtpTransport, Transport as _,
    message::{Mailbox, header::ContentType},
    transport::smtp::{
        authentication::Credentials,
        client::{Tls, TlsParameters},
    },
};
use serde::Deserialize;

/// The SMTP server that e-mails are handed to.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MailServer {
    /// Its name.
    pub host: String,
    /// Its port: usually 465 for `tls`, 587 for `starttls`.
    pub port: u16,
    /// Address that e-mails come from.
    pub from: String,
    /// Name to sign in with, if the server asks for one.
    #[serde(default)]
    pub user: Option<String>,
    /// File that holds the password.
    #[serde(default)]
    pub password_file: Option<PathBuf>,
    /// `tls`, `starttls`, or `none` for a server on the same machine.
    #[serde(default = "starttls")]
    pub tls: String,
}

fn starttls() -> String {
    "starttls".to_owned()
}

impl MailServer {
    /// Checks bounds that types alone do not hold.
    ///
    /// # Errors
    /// When the address, the way of encryption or the password file is wrong; the text names the key.
    pub fn check(&self) -> Result<()> {
        self.from.parse::<Mailbox>().context("mail.from must be an e-mail address")?;
        if !["tls", "starttls", "none"].contains(&self.tls.as_str()) {
            bail!("mail.tls must be tls, starttls or none");
        }
        if self.user.is_some() != self.password_file.is_some() {
            bail!("mail.user and mail.password_file go together");
        }
        if self.tls == "none" && self.user.is_some() {
            bail!("mail.tls = none would send the password in clear; use starttls or tls");
        }
        Ok(())
    }
}

/// An e-mail to write.
#[derive(Debug, Clone)]
pub struct Letter {
    /// Address.
    pub to: String,
    /// Subject.
    pub subject: String,
    /// Plain text.
    pub body: String,
}

/// Longest wait for the server.
const TIMEOUT: Duration = Duration::from_secs(15);

/// Hands an e-mail to the server. Blocks; call it aside.
///
/// # Errors
/// When the server cannot be reached or refuses. The text holds no address.
pub fn send(server: &MailServer, letter: &Letter) -> Result<()> {
    let message = Message::builder()
        .from(server.from.parse().context("mail.from is no address")?)
        .to(letter.to.parse().map_err(|_| anyhow::anyhow!("the address of the reader is no address"))?)
        .subject(&letter.subject)
        .header(ContentType::TEXT_PLAIN)
        .body(letter.body.clone())?;
    let tls = match server.tls.as_str() {
        "none" => Tls::None,
        "tls" => Tls::Wrapper(TlsParameters::new(server.host.clone())?),
        _ => Tls::Required(TlsParameters::new(server.host.clone())?),
    };
    let mut transport =
        SmtpTransport::builder_dangerous(&server.host).port(server.port).timeout(Some(TIMEOUT)).tls(tls);
    if let (Some(user), Some(path)) = (&server.user, &server.password_file) {
        let password = std::fs::read_to_string(path).context("cannot read the mail password file")?;
        transport = transport.credentials(Credentials::new(user.clone(), password.trim().to_owned()));
    }
    match transport.build().send(&message) {
        Ok(_) => Ok(()),
        // The server's own words may repeat the address, so they are not passed on.
        Err(error) if error.is_permanent() => bail!("the mail server refused"),
        Err(error) if error.is_transient() => bail!("the mail server put it off"),
        Err(_) => bail!("the mail server cannot be reached"),
    }
}

#[cfg(test)]
mod tests {
    use super::MailServer;

    fn server() -> MailServer {
        MailServer {
            host: "mail.daklak.gov.vn".into(),
            port: 587,
            from: "Vào Ra <vaora@daklak.gov.vn>".into(),
            user: None,
            password_file: None,
            tls: "starttls".into(),
        }
    }

    #[test]
    fn settings_are_checked() {
        assert!(server().check().is_ok());
        assert!(MailServer { from: "nobody".into(), ..server() }.check().is_err());
        assert!(MailServer { tls: "maybe".into(), ..server() }.check().is_err());
        assert!(MailServer { user: Some("vaora".into()), ..server() }.check().is_err());
        let clear = MailServer {
            tls: "none".into(),
            user: Some("vaora".into()),
            password_file: Some("/tmp/x".into()),
            ..server()
        };
        assert!(clear.check().is_err());
    }
}
