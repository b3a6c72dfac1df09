//! Whom TLS trusts: the operating system's roots, and those of the operator's file.

use crate::tenant::Network;
use anyhow::{Context, Result, ensure};
use rustls::ClientConfig;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls_platform_verifier::Verifier;
use std::path::Path;
use std::sync::Arc;

/// A client's side of TLS 1.2 and 1.3.
pub fn config(network: &Network) -> Result<ClientConfig> {
    let provider = Arc::new(ring::default_provider());
    let verifier = verifier(network, provider.clone())?;
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    let builder = builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier));
    Ok(builder.with_no_client_auth())
}

fn verifier(network: &Network, provider: Arc<CryptoProvider>) -> Result<Verifier> {
    let extra = network.ca_file.as_deref().map(certificates).transpose()?.unwrap_or_default();
    Verifier::new_with_extra_roots(extra, provider).context("reading the certificates that are trusted")
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>> {
    let reading = || format!("reading the certificates of {}", path.display());
    let read = CertificateDer::pem_file_iter(path).with_context(reading)?;
    let certificates = read.collect::<Result<Vec<_>, _>>().with_context(reading)?;
    ensure!(!certificates.is_empty(), "{}: it holds no certificate", path.display());
    Ok(certificates)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_certificates_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ca.pem");
        let error = |path: &Path| {
            let network = Network { ca_file: Some(path.into()), ..Network::default() };
            format!("{:#}", config(&network).unwrap_err())
        };
        assert!(error(&path).contains("ca.pem"), "{}", error(&path));
        std::fs::write(&path, "no certificate").unwrap();
        assert!(error(&path).contains("holds no certificate"), "{}", error(&path));
        assert!(config(&Network::default()).is_ok());
    }
}
