//! An e-mail: one message to all addresses of a channel, handed to the mail server of the settings.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::sync::OnceLock;
use std::time::{Duration, UNIX_EPOCH};

use lettre::message::header::{ContentType, Header, HeaderName, HeaderValue};
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{
    AsyncSmtpConnection, Certificate, CertificateStore, TlsParameters,
};
use lettre::transport::smtp::commands;
use lettre::transport::smtp::extension::ClientId;
use lettre::{Address, Message};
use tokio_rustls::rustls::pki_types::CertificateDer;

use super::courier::{Again, Delivered, Undelivered};
use super::resolve::Resolver;
use super::{Letter, trust};
use crate::settings::Mail;

/// How long the mail server's goodbye is waited for. The message is there: without it nothing is lost.
const GOODBYE: Duration = Duration::from_secs(1);

pub(super) struct Mailer {
    pub(super) settings: Mail,
    pub(super) trusted: Vec<CertificateDer<'static>>,
    pub(super) resolver: Resolver,
    /// Made at the first message: reading the system's authorities takes a while.
    pub(super) tls: OnceLock<Result<TlsParameters, String>>,
}

/// No machine is to answer it (RFC 3834, section 5).
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

impl Mailer {
    /// It is delivered once the server took it for one address at least; the note names those that it refused.
    ///
    /// # Errors
    /// Why it is not there, and whether to try again.
    pub(super) async fn deliver(
        &self,
        to: &[String],
        letter: &Letter,
    ) -> Result<Delivered, Undelivered> {
        if self.settings.host.is_empty() {
            return Err(Undelivered::later("mail.host is not set"));
        }
        let addresses: Vec<Address> = to.iter().filter_map(|text| text.parse().ok()).collect();
        let mail = self.compose(&addresses, letter)?;
        let mut connection = self.connect().await?;
        let from = mail.envelope().from().cloned();
        let begun = connection
            .command(commands::Mail::new(from, Vec::new()))
            .await;
        // The sender is the hub's own setting: whoever mends it wants what waited to go out.
        begun.map_err(|error| later("the sender was refused", &error))?;
        let refused = offer(&mut connection, &addresses).await?;
        let data = connection.command(commands::Data).await;
        data.map_err(|error| by_answer("the message was refused", &error))?;
        let done = connection.message(&mail.formatted()).await;
        done.map_err(|error| by_answer("the message was refused", &error))?;
        let _ = tokio::time::timeout(GOODBYE, connection.quit()).await;
        Ok(Delivered::with_note(&refused))
    }

    fn compose(&self, to: &[Address], letter: &Letter) -> Result<Message, Undelivered> {
        let wrong = |error: &dyn std::fmt::Display| {
            Undelivered::later(format!("cannot write the e-mail: {error}"))
        };
        let from: Address = self.settings.from.parse().map_err(|e| wrong(&e))?;
        let sent = u64::try_from(letter.sent_ms).unwrap_or(0);
        let id = format!("<{}@{}>", letter.delivery, from.domain());
        let mut mail = Message::builder()
            .from(from.into())
            .date(UNIX_EPOCH + Duration::from_millis(sent))
            .message_id(Some(id))
            .subject(letter.subject())
            .header(AutoSubmitted)
            .header(ContentType::TEXT_PLAIN);
        for address in to {
            mail = mail.to(address.clone().into());
        }
        mail.body(letter.text()).map_err(|e| wrong(&e))
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, Undelivered> {
        let settings = &self.settings;
        // Before anything is sent: without the password it would be in vain.
        let password = self.password().map_err(Undelivered::later)?;
        let port = u16::try_from(settings.port).unwrap_or(u16::MAX);
        let away = |error: &dyn std::error::Error| {
            later(&format!("the mail server {}:{port}", settings.host), error)
        };
        let addresses = self.resolver.resolve(settings.host.clone(), port).await;
        let addresses = addresses.map_err(|error| away(&error))?;
        let (name, tls) = (ClientId::default(), self.tls()?);
        let wrapped = tls.clone().filter(|_| settings.tls == "tls");
        // The addresses of a name share the time of the attempt.
        let each = Duration::from_secs(settings.timeout_seconds)
            / u32::try_from(addresses.len()).unwrap_or(u32::MAX).max(1);
        let connected = AsyncSmtpConnection::connect_tokio1(
            addresses.as_slice(),
            Some(each),
            &name,
            wrapped,
            None,
        );
        let mut connection = connected.await.map_err(|error| away(&error))?;
        if let Some(tls) = tls.filter(|_| settings.tls == "starttls") {
            let secured = connection.starttls(tls, &name).await;
            secured.map_err(|error| away(&error))?;
        }
        if let Some(password) = password {
            let login = Credentials::new(settings.user.clone(), password.clone());
            let known = connection.auth(DEFAULT_MECHANISMS, &login).await;
            known.map_err(|error| {
                // Should the server repeat what it was told.
                let said = error.to_string().replace(&password, "***");
                Undelivered::later(format!("mail.user was refused: {said}"))
            })?;
        }
        Ok(connection)
    }

    /// `None` without TLS.
    fn tls(&self) -> Result<Option<TlsParameters>, Undelivered> {
        if self.settings.tls == "off" {
            return Ok(None);
        }
        let made = self.tls.get_or_init(|| {
            let mut tls = TlsParameters::builder(self.settings.host.clone())
                .certificate_store(CertificateStore::None);
            for certificate in trust::with_system(&self.trusted) {
                if let Ok(certificate) = Certificate::from_der(certificate.to_vec()) {
                    tls = tls.add_root_certificate(certificate);
                }
            }
            tls.build_rustls()
                .map_err(|error| format!("cannot set up TLS: {error}"))
        });
        made.clone().map(Some).map_err(Undelivered::later)
    }

    /// `None` without a login. Read each time, so that a new one holds at once.
    fn password(&self) -> Result<Option<String>, String> {
        if self.settings.user.is_empty() {
            return Ok(None);
        }
        let path = &self.settings.password_file;
        let unreadable = |error| format!("cannot read mail.password_file = {path:?}: {error}");
        let mode = fs::metadata(path).map_err(unreadable)?.permissions().mode();
        if mode & 0o077 != 0 {
            return Err(format!(
                "mail.password_file = {path:?} has mode {:o}, so others may read it; run: chmod 600 {path}",
                mode & 0o777
            ));
        }
        let text = fs::read_to_string(path).map_err(unreadable)?;
        Ok(Some(text.trim_end_matches(['\r', '\n']).to_owned()))
    }
}

/// Offers the message for each address; answers which were refused, and why.
async fn offer(
    connection: &mut AsyncSmtpConnection,
    addresses: &[Address],
) -> Result<String, Undelivered> {
    let (mut refused, mut again) = (Vec::new(), Again::Never);
    for address in addresses {
        let offered = commands::Rcpt::new(address.clone(), Vec::new());
        match connection.command(offered).await {
            Ok(_) => {}
            Err(error) if error.status().is_some() => {
                if !error.is_permanent() {
                    again = Again::Later;
                }
                refused.push(format!("{address} was refused: {error}"));
            }
            Err(error) => return Err(later("the mail server broke off", &error)),
        }
    }
    let reasons = refused.join("; ");
    if refused.len() == addresses.len() {
        return Err(Undelivered::new(reasons, again));
    }
    Ok(reasons)
}

fn later(what: &str, error: &dyn std::error::Error) -> Undelivered {
    Undelivered::later(format!("{what}: {error}"))
}

/// What the server says it will never take is not offered again.
fn by_answer(what: &str, error: &Error) -> Undelivered {
    let again = if error.is_permanent() {
        Again::Never
    } else {
        Again::Later
    };
    Undelivered::new(format!("{what}: {error}"), again)
}
