//! TLS by rustls with aws-lc-rs, over a socket that can move to another thread in mid-connection.

use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context as TaskContext, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{ServerConfig, crypto};
use tokio_rustls::server::TlsStream;

use crate::failure::{Context, Failure};
use crate::session::{Departed, Departing};
use crate::settings::Settings;

pub(super) type Acceptor = TlsAcceptor;

/// Names of the self-signed pair in the data directory.
const CERTIFICATE: &str = "tls-cert.pem";
const KEY: &str = "tls-key.pem";

/// A socket that can be taken out of its TLS session and put back on another thread.
pub(super) struct Movable(Option<TcpStream>);

impl Movable {
    pub(super) fn new(stream: TcpStream) -> Self {
        Self(Some(stream))
    }

    fn stream(&mut self) -> io::Result<Pin<&mut TcpStream>> {
        self.0
            .as_mut()
            .map(Pin::new)
            .ok_or_else(|| io::ErrorKind::NotConnected.into())
    }
}

impl AsyncRead for Movable {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut TaskContext<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.stream()?.poll_read(cx, buf)
    }
}

impl AsyncWrite for Movable {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut TaskContext<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.stream()?.poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<io::Result<()>> {
        self.stream()?.poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<io::Result<()>> {
        self.stream()?.poll_shutdown(cx)
    }
}

impl Departing for TlsStream<Movable> {
    fn depart(mut self: Box<Self>) -> io::Result<Departed> {
        let stream = self
            .get_mut()
            .0
            .0
            .take()
            .ok_or(io::ErrorKind::NotConnected)?;
        let socket = stream.into_std()?;
        Ok(Box::new(move || {
            self.get_mut().0.0 = Some(TcpStream::from_std(socket)?);
            Ok(self)
        }))
    }
}

/// The acceptor for the settings' certificate, or for a self-signed one that is made at the first start.
///
/// # Errors
/// The certificate or key cannot be read, made, or do not fit together.
pub fn acceptor(settings: &Settings, data_dir: &Path) -> Result<TlsAcceptor, Failure> {
    let (certificate, key) = device_pair(settings, data_dir)?;
    let mut config = server_config(&certificate, &key)?;
    // Devices reconnect seldom and prove themselves by their serial each time: tickets would only cost memory.
    config.send_tls13_tickets = 0;
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// What the web server shows: its own certificate, or the devices'.
///
/// # Errors
/// The certificate or key cannot be read, made, or do not fit together.
pub fn web_config(settings: &Settings, data_dir: &Path) -> Result<ServerConfig, Failure> {
    let web = &settings.web;
    let (certificate, key) = if web.tls_certificate.is_empty() {
        device_pair(settings, data_dir)?
    } else {
        ((&web.tls_certificate).into(), (&web.tls_key).into())
    };
    server_config(&certificate, &key)
}

fn device_pair(settings: &Settings, data_dir: &Path) -> Result<(PathBuf, PathBuf), Failure> {
    let devices = &settings.devices;
    if devices.tls_certificate.is_empty() {
        return self_signed(data_dir, &devices.tls_names);
    }
    Ok(((&devices.tls_certificate).into(), (&devices.tls_key).into()))
}

fn server_config(certificate: &Path, key: &Path) -> Result<ServerConfig, Failure> {
    let chain = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .context(format!(
            "cannot read the TLS certificate {}",
            certificate.display()
        ))?;
    let key = PrivateKeyDer::from_pem_file(key)
        .context(format!("cannot read the TLS key {}", key.display()))?;
    ServerConfig::builder_with_provider(Arc::new(crypto::aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .context("cannot set up TLS")?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .context("the TLS certificate and key do not fit together")
}

fn self_signed(data_dir: &Path, further: &str) -> Result<(PathBuf, PathBuf), Failure> {
    let (certificate, key) = (data_dir.join(CERTIFICATE), data_dir.join(KEY));
    if !certificate.exists() || !key.exists() {
        let mut names = vec![
            "localhost".to_owned(),
            "127.0.0.1".to_owned(),
            "::1".to_owned(),
        ];
        if let Ok(name) = fs::read_to_string("/etc/hostname") {
            names.push(name.trim().to_owned());
        }
        names.extend(further.split(',').map(|name| name.trim().to_owned()));
        names.retain(|name| !name.is_empty());
        let made =
            rcgen::generate_simple_self_signed(names).context("cannot make a TLS certificate")?;
        write(&key, 0o600, &made.signing_key.serialize_pem())?;
        write(&certificate, 0o644, &made.cert.pem())?;
        log::info!(
            "made a self-signed certificate, which devices can trust by its file path={}",
            certificate.display()
        );
    }
    Ok((certificate, key))
}

fn write(path: &Path, mode: u32, text: &str) -> Result<(), Failure> {
    fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(mode)
        .open(path)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .context(format!("cannot write {}", path.display()))
}
