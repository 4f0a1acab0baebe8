//! TLS with rustls: what `sslmode` asks for, and the certificates to trust.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{WebPkiServerVerifier, verify_server_cert_signed_by_trust_anchor};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use tokio_postgres::Config;
use tokio_postgres::config::SslMode;
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::conninfo::{Env, variable};

/// Where a [`Config`] carries the policy: `tokio_postgres` has no field for it, and a `Config` is what travels.
const MARKER: &str = " -c paydirt.sslverify=";

/// Where Linux distributions and BSDs keep the certificates of public authorities (`sslrootcert=system`).
const SYSTEM_ROOTS: [&str; 5] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/cert.pem",
];

/// How far the server's certificate is checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Policy {
    /// Not at all (`disable`, `prefer`, `require`): encryption without knowing to whom, as in libpq.
    Trusting,
    /// It must be signed by an authority of the file (`verify-ca`).
    Authority(PathBuf),
    /// And be made out to the host name we connect to (`verify-full`).
    AuthorityAndName(PathBuf),
}

impl Policy {
    /// Takes `sslmode` and `sslrootcert` out of the keywords, leaving a mode `tokio_postgres` knows.
    pub(crate) fn take(keywords: &mut BTreeMap<String, String>, env: Env<'_>) -> Result<Self, String> {
        let given = keywords.remove("sslrootcert").filter(|file| !file.is_empty());
        let mode = keywords.remove("sslmode").filter(|mode| !mode.is_empty());
        let mode = mode.as_deref().unwrap_or(if given.as_deref() == Some("system") { "verify-full" } else { "prefer" });
        let roots = || -> Result<PathBuf, String> {
            let file =
                match given.as_deref() {
                    Some("system") => SYSTEM_ROOTS.iter().map(PathBuf::from).find(|file| file.is_file()).ok_or(
                        "sslrootcert=system: this machine has no bundle of certificates; install ca-certificates",
                    )?,
                    Some(file) => PathBuf::from(file),
                    None => PathBuf::from(variable(env, "HOME").unwrap_or_default()).join(".postgresql/root.crt"),
                };
            if !file.is_file() {
                return Err(format!(
                    "sslmode={mode} needs the certificates to trust, and {} is not there; name the file with \
                     sslrootcert (PGSSLROOTCERT), or use sslrootcert=system",
                    file.display()
                ));
            }
            if file.to_str().is_none_or(|file| file.contains(MARKER)) {
                return Err(format!("the path {} cannot be used as sslrootcert", file.display()));
            }
            std::path::absolute(&file).map_err(|error| format!("{}: {error}", file.display()))
        };
        let (plain, policy) = match mode {
            "disable" => ("disable", Self::Trusting),
            "allow" | "prefer" => ("prefer", Self::Trusting),
            // As in libpq, for compatibility: require with a named file of authorities verifies.
            "require" if given.is_some() => ("require", Self::Authority(roots()?)),
            "require" => ("require", Self::Trusting),
            "verify-ca" => ("require", Self::Authority(roots()?)),
            "verify-full" => ("require", Self::AuthorityAndName(roots()?)),
            other => {
                return Err(format!(
                    "sslmode {other:?} is not known; write disable, prefer, require, verify-ca or verify-full"
                ));
            }
        };
        keywords.insert("sslmode".to_owned(), plain.to_owned());
        Ok(policy)
    }

    /// Puts the policy into the configuration.
    pub(crate) fn attach(&self, config: &mut Config) {
        let (word, file) = match self {
            Self::Trusting => return,
            Self::Authority(file) => ("ca:", file),
            Self::AuthorityAndName(file) => ("full:", file),
        };
        let options = config.get_options().unwrap_or_default();
        let options = format!("{options}{MARKER}{word}{}", file.display());
        config.options(options);
    }

    /// Takes the policy off the configuration again, so that it is never sent.
    pub(crate) fn detach(config: &mut Config) -> Self {
        let Some((options, policy)) = config.get_options().and_then(|options| options.rsplit_once(MARKER)) else {
            return Self::Trusting;
        };
        let policy = match policy.split_once(':') {
            Some(("ca", file)) => Self::Authority(PathBuf::from(file)),
            // Anything else cannot have been written by `attach`: check everything.
            Some((_, file)) => Self::AuthorityAndName(PathBuf::from(file)),
            None => Self::AuthorityAndName(PathBuf::new()),
        };
        let options = options.to_owned();
        config.options(options);
        policy
    }

    /// The TLS connector for this policy.
    pub(crate) fn connector(&self, mode: SslMode) -> Result<Option<MakeRustlsConnect>, String> {
        if mode == SslMode::Disable {
            return Ok(None);
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?;
        let config = match self {
            Self::Trusting => builder
                .dangerous()
                .with_custom_certificate_verifier(Arc::new(Checks { provider, roots: None }))
                .with_no_client_auth(),
            Self::Authority(file) => {
                let roots = Some(read_roots(file)?);
                builder
                    .dangerous()
                    .with_custom_certificate_verifier(Arc::new(Checks { provider, roots }))
                    .with_no_client_auth()
            }
            Self::AuthorityAndName(file) => {
                let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(read_roots(file)?), provider)
                    .build()
                    .map_err(|error| format!("{}: {error}", file.display()))?;
                builder.with_webpki_verifier(verifier).with_no_client_auth()
            }
        };
        Ok(Some(MakeRustlsConnect::new(config)))
    }
}

fn read_roots(file: &std::path::Path) -> Result<RootCertStore, String> {
    let mut roots = RootCertStore::empty();
    let certificates =
        CertificateDer::pem_file_iter(file).map_err(|error| format!("cannot read {}: {error}", file.display()))?;
    for certificate in certificates {
        let certificate = certificate.map_err(|error| format!("cannot read {}: {error}", file.display()))?;
        // Bundles of public authorities contain some that rustls refuses: skip these, as every client does.
        let _ = roots.add(certificate);
    }
    if roots.is_empty() {
        return Err(format!(
            "{} has no usable certificate (PEM, version 3); put the authority's certificate there",
            file.display()
        ));
    }
    Ok(roots)
}

/// Checks the signature of the handshake, and the certificate's authority if there are roots; never the name.
#[derive(Debug)]
struct Checks {
    provider: Arc<CryptoProvider>,
    roots: Option<RootCertStore>,
}

impl ServerCertVerifier for Checks {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        if let Some(roots) = &self.roots {
            let certificate = ParsedCertificate::try_from(end_entity)?;
            let algorithms = self.provider.signature_verification_algorithms.all;
            verify_server_cert_signed_by_trust_anchor(&certificate, roots, intermediates, now, algorithms)?;
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signature, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signature, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
