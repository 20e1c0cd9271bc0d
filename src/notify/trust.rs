//! Which certificate authorities are trusted.

use tokio_rustls::rustls::RootCertStore;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;

use crate::failure::{Context, Failure};

/// The certificates of a PEM file; none for an empty name.
///
/// # Errors
/// It cannot be read, or holds no certificate.
pub(super) fn file(path: &str) -> Result<Vec<CertificateDer<'static>>, Failure> {
    if path.is_empty() {
        return Ok(Vec::new());
    }
    let doing = format!("cannot read the certificates in notify.trust_file = {path:?}");
    let certificates = CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .context(&doing)?;
    if certificates.is_empty() {
        return Err(Failure::new(format!("{doing}: there is none in it")));
    }
    Ok(certificates)
}

/// Those of the system that can be used, and these. A system without any is no error: plain http does without.
pub(super) fn with_system(own: &[CertificateDer<'static>]) -> Vec<CertificateDer<'static>> {
    let mut certificates = rustls_native_certs::load_native_certs().certs;
    let mut usable = RootCertStore::empty();
    certificates.retain(|certificate| usable.add(certificate.clone()).is_ok());
    certificates.extend_from_slice(own);
    certificates
}
