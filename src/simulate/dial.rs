//! How a client reaches the hub: plain TCP, or TLS whose authority the user names.

use std::io;
use std::path::Path;
use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use crate::failure::{Context, Failure};

/// A new connection each time; over pipes in memory in simulation tests.
pub trait Dial {
    type Io: AsyncRead + AsyncWrite + Unpin;

    fn dial(&self) -> impl Future<Output = io::Result<Self::Io>>;
}

/// TCP, with or without TLS, as one type.
pub trait Stream: AsyncRead + AsyncWrite + Unpin {}
impl<T: AsyncRead + AsyncWrite + Unpin> Stream for T {}

/// A hub on the network.
#[derive(Clone)]
pub struct Network {
    /// `host:port`
    server: String,
    tls: Option<(TlsConnector, ServerName<'static>)>,
}

impl Network {
    /// A hub that is spoken to in the clear.
    ///
    /// # Errors
    /// The address has no port.
    pub fn plain(server: &str) -> Result<Self, Failure> {
        host_of(server)?;
        Ok(Self {
            server: server.to_owned(),
            tls: None,
        })
    }

    /// A hub whose certificate comes from the authority in the PEM file `ca`.
    ///
    /// # Errors
    /// The address has no port, or the file no certificate.
    pub fn tls(server: &str, ca: &Path) -> Result<Self, Failure> {
        let host = host_of(server)?;
        let name = ServerName::try_from(host.to_owned())
            .context(format!("{host} cannot be the name in a certificate"))?;
        Ok(Self {
            server: server.to_owned(),
            tls: Some((TlsConnector::from(Arc::new(trusting(ca)?)), name)),
        })
    }
}

impl Dial for Network {
    type Io = Box<dyn Stream>;

    async fn dial(&self) -> io::Result<Self::Io> {
        let socket = TcpStream::connect(&self.server).await?;
        socket.set_nodelay(true)?;
        Ok(match &self.tls {
            None => Box::new(socket),
            Some((connector, name)) => Box::new(connector.connect(name.clone(), socket).await?),
        })
    }
}

fn host_of(server: &str) -> Result<&str, Failure> {
    match server.rsplit_once(':') {
        Some((host, port)) if port.parse::<u16>().is_ok() && !host.is_empty() => {
            Ok(host.trim_matches(['[', ']']))
        }
        _ => Err(Failure::usage(format!(
            "--server {server}: give host and port, as 127.0.0.1:10821"
        ))),
    }
}

fn trusting(ca: &Path) -> Result<ClientConfig, Failure> {
    let shown = ca.display();
    let mut roots = RootCertStore::empty();
    let certificates = CertificateDer::pem_file_iter(ca).context(format!("cannot read {shown}"))?;
    for certificate in certificates {
        let certificate = certificate.context(format!("cannot read {shown}"))?;
        roots
            .add(certificate)
            .context(format!("no certificate of an authority in {shown}"))?;
    }
    if roots.is_empty() {
        return Err(Failure::new(format!("no certificate in {shown}")));
    }
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .context("cannot set up TLS")?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_is_what_stands_before_the_port() {
        assert_eq!(host_of("127.0.0.1:10821").unwrap(), "127.0.0.1");
        assert_eq!(host_of("[::1]:10821").unwrap(), "::1");
        assert_eq!(host_of("hub.example:1").unwrap(), "hub.example");
        for wrong in ["hub.example", ":10821", "hub:port", "hub:99999"] {
            assert!(host_of(wrong).is_err(), "{wrong}");
        }
    }
}
