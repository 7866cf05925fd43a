package callwire

import (
	"crypto/tls"
	"testing"
)

func TestWhatAURLMeans(t *testing.T) {
	for text, target := range map[string]string{
		"http://gateway:7450":   "dns:///gateway:7450",
		"http://gateway":        "dns:///gateway:80",
		"https://gateway/":      "dns:///gateway:443",
		"https://[::1]:7450":    "dns:///[::1]:7450",
		"http://127.0.0.1:7450": "dns:///127.0.0.1:7450",
	} {
		got, err := newConnector(text, nil, RetryPolicy{})
		if err != nil || got.target != target {
			t.Errorf("%s: %v, %v", text, got, err)
		}
	}
}

func TestAURLThatNamesNoGatewayIsRefused(t *testing.T) {
	for _, text := range []string{"", "gateway:7450", "grpc://gateway", "http://", "http://gateway/path", "http://u:p@gateway", "http://g?x=1", "http://g:x"} {
		if _, err := NewClient(text, ClientOptions{}); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
}

func TestContradictingOptionsAreRefused(t *testing.T) {
	if _, err := NewClient("http://gateway", ClientOptions{TLS: &tls.Config{MinVersion: tls.VersionTLS13}}); err == nil {
		t.Error("TLS over http")
	}
	if _, err := NewClient("http://gateway", ClientOptions{APIKey: "a", TokenProvider: oneToken}); err == nil {
		t.Error("two credentials")
	}
}
