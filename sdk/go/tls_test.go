package callwire_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net"
	"testing"
	"time"

	callwire "github.com/callwire/callwire/sdk/go"
	"github.com/callwire/callwire/sdk/go/internal/scripted"
)

// selfSigned is a certificate for this machine that is its own authority.
func selfSigned(t *testing.T) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		Subject:               pkix.Name{CommonName: "callwire test"},
		NotAfter:              time.Now().Add(time.Hour),
		IPAddresses:           []net.IP{net.IPv4(127, 0, 0, 1)},
		KeyUsage:              x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
		IsCA:                  true,
		BasicConstraintsValid: true,
	}
	encoded, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(encoded)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(parsed)
	return tls.Certificate{Certificate: [][]byte{encoded}, PrivateKey: key, Leaf: parsed}, pool
}

func TestHTTPSWithAPrivateAuthorityAndAClientCertificate(t *testing.T) {
	gateway, gatewayCA := selfSigned(t)
	caller, callerCA := selfSigned(t)
	server := scripted.StartTLS(t,
		&tls.Config{Certificates: []tls.Certificate{gateway}, ClientCAs: callerCA, ClientAuth: tls.RequireAndVerifyClientCert, MinVersion: tls.VersionTLS13},
		scripted.Stay(scripted.Events(1)))
	trusting := &tls.Config{RootCAs: gatewayCA, Certificates: []tls.Certificate{caller}, MinVersion: tls.VersionTLS13}
	offsets, _, err := read(t, clientOf(t, server.URL, callwire.ClientOptions{TLS: trusting}).Subscribe(callwire.SubscribeOptions{}), 1)
	if err != nil {
		t.Fatal(err)
	}
	expectOffsets(t, offsets, 1)

	once := callwire.RetryPolicy{Initial: time.Millisecond, MaxAttempts: 1}
	for name, config := range map[string]*tls.Config{
		"an authority that is not trusted": nil,
		"no client certificate":            {RootCAs: gatewayCA, MinVersion: tls.VersionTLS13},
	} {
		client := clientOf(t, server.URL, callwire.ClientOptions{TLS: config, Retry: once})
		if _, _, err := read(t, client.Subscribe(callwire.SubscribeOptions{}), 1); err == nil {
			t.Errorf("%s: connected", name)
		}
	}
}
