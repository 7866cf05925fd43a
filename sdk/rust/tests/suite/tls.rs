//! `https://`: whose certificates are trusted, and showing one's own.
use callwire::{Client, ClientBuilder, Code};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tonic::transport::{Certificate, Identity, Server, ServerTlsConfig};

use crate::samples::{bounded, events, offsets, opened, quick};
use crate::scripted_server::{Script, ScriptedServer, send};

struct Pair {
    certificate: String,
    key: String,
}

struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    fn certify(&self, name: &str) -> Pair {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap();
        Pair {
            certificate: certificate.pem(),
            key: key.serialize_pem(),
        }
    }
}

async fn serve(authority: &Authority) -> ScriptedServer {
    let Pair { certificate, key } = authority.certify("localhost");
    let tls = ServerTlsConfig::new()
        .identity(Identity::from_pem(certificate, key))
        .client_ca_root(Certificate::from_pem(authority.0.pem()));
    let script = Script::of_streams(vec![vec![send(opened(0)), send(events([1]))]]);
    ScriptedServer::start_by(script, Server::builder().tls_config(tls).unwrap(), "https").await
}

fn builder(server: &ScriptedServer) -> ClientBuilder {
    Client::builder(&server.url).retry(quick())
}

#[tokio::test]
async fn a_client_certificate_is_shown_to_a_server_that_is_trusted() {
    let authority = Authority::new();
    let server = serve(&authority).await;
    let Pair { certificate, key } = authority.certify("recorder");
    let client = builder(&server)
        .ca_certificate(authority.0.pem())
        .client_certificate(certificate, key)
        .build()
        .unwrap();
    assert_eq!(offsets(&mut client.subscribe(bounded(1))).await, [1]);
}

#[tokio::test]
async fn a_server_that_is_not_trusted_gets_nothing() {
    let server = serve(&Authority::new()).await;
    let client = builder(&server)
        .ca_certificate(Authority::new().0.pem())
        .build()
        .unwrap();
    let options = bounded(1).retry(quick().max_attempts(0));
    let error = client.subscribe(options).next().await.unwrap().unwrap_err();
    assert_eq!(error.code(), Code::Unavailable);
    assert!(error.message().contains("certificate"), "{error}");
    assert!(server.subscribed().is_empty());
}

#[test]
fn certificates_that_cannot_be_read_are_refused() {
    let result = Client::builder("https://localhost")
        .client_certificate("nonsense", "nonsense")
        .build();
    assert_eq!(result.err().unwrap().code(), Code::InvalidArgument);
}
