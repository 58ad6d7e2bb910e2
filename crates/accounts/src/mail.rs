//! Mail: links to set a password or to prove an address.

use lettre::message::Mailbox;
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};

use crate::Error;

/// How mail is sent.
#[derive(Clone)]
pub enum Mail {
    /// Not at all: what needs mail is refused.
    Off,
    /// Written to the log instead, links included: for development on one's own machine.
    Log,
    /// By SMTP.
    Smtp {
        /// The mail server, such as `smtps://user:password@smtp.example.com`.
        url: String,
        /// Who it is from.
        from: String,
    },
}

impl std::fmt::Debug for Mail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Off => "Off",
            Self::Log => "Log",
            Self::Smtp { .. } => "Smtp",
        })
    }
}

#[derive(Debug)]
pub(crate) enum Mailer {
    Off,
    Log,
    Smtp(Box<(AsyncSmtpTransport<Tokio1Executor>, Mailbox)>),
}

/// A mail to be sent.
#[derive(Debug, Clone)]
pub(crate) struct Letter {
    to: String,
    subject: &'static str,
    text: String,
    /// The link in the text, if there is one.
    link: String,
}

impl Letter {
    pub(crate) fn reset(to: &str, link: &str) -> Self {
        Self {
            to: to.to_owned(),
            subject: "Set a new password",
            text: format!(
                "Somebody, you we hope, wants to set a new password for your Sayso account.\n\nTo do it, open this \
                 within an hour:\n{link}\n\nIf it was not you, do nothing; your password stays as it is.\n"
            ),
            link: link.to_owned(),
        }
    }

    pub(crate) fn verify(to: &str, link: &str) -> Self {
        Self {
            to: to.to_owned(),
            subject: "Is this your address?",
            text: format!(
                "To confirm that this address is yours, open this within an hour:\n{link}\n\nIf you did not ask for \
                 it, do nothing.\n"
            ),
            link: link.to_owned(),
        }
    }

    pub(crate) fn notice(to: &str, new: &str) -> Self {
        Self {
            to: to.to_owned(),
            subject: "Your address is about to change",
            text: format!(
                "Your Sayso account is to have the address {new} instead of this one, once it is confirmed there.\n\n\
                 If it was not you, sign in and change your password.\n"
            ),
            link: String::new(),
        }
    }
}

impl Mailer {
    pub(crate) fn new(mail: &Mail) -> Result<Self, Error> {
        Ok(match mail {
            Mail::Off => Self::Off,
            Mail::Log => Self::Log,
            Mail::Smtp { url, from } => {
                let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(url)
                    .map_err(|error| Error::Mail(error.to_string()))?
                    .build();
                let from = from
                    .parse()
                    .map_err(|_| Error::Mail(format!("{from:?} is not an address to send from")))?;
                Self::Smtp(Box::new((transport, from)))
            }
        })
    }

    /// Sends a letter; what goes wrong is in the log.
    pub(crate) async fn send(&self, letter: &Letter) {
        match self {
            Self::Off => tracing::warn!(subject = letter.subject, "no mail is sent from here"),
            Self::Log => tracing::info!(
                to = letter.to,
                subject = letter.subject,
                link = letter.link,
                "mail"
            ),
            Self::Smtp(smtp) => {
                let (transport, from) = &**smtp;
                let message = letter.to.parse().ok().and_then(|to: Mailbox| {
                    Message::builder()
                        .from(from.clone())
                        .to(to)
                        .subject(letter.subject)
                        .body(letter.text.clone())
                        .ok()
                });
                let Some(message) = message else {
                    tracing::warn!(subject = letter.subject, "a mail could not be put together");
                    return;
                };
                if let Err(error) = transport.send(message).await {
                    tracing::error!(%error, subject = letter.subject, "a mail could not be sent");
                }
            }
        }
    }
}
