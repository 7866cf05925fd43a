package callwire

import (
	"crypto/tls"
	"fmt"
	"net"
	"net/url"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/keepalive"
)

const (
	connectTimeout   = 10 * time.Second
	keepaliveTime    = 20 * time.Second
	keepaliveTimeout = 10 * time.Second
	maxMessageBytes  = 16 << 20
)

// connector makes connections to one gateway.
type connector struct {
	target  string
	options []grpc.DialOption
}

// newConnector reads a URL of the form http://host[:port] or https://host[:port].
func newConnector(text string, config *tls.Config, policy RetryPolicy) (*connector, error) {
	parsed, err := url.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("callwire: the URL cannot be read: %w", err)
	}
	transport, port, err := transportOf(parsed, config)
	if err != nil {
		return nil, err
	}
	if parsed.Hostname() == "" || parsed.Path != "" && parsed.Path != "/" || parsed.RawQuery != "" || parsed.User != nil {
		return nil, fmt.Errorf("callwire: the URL %q is not of the form http(s)://host[:port]", parsed.Redacted())
	}
	if given := parsed.Port(); given != "" {
		port = given
	}
	pace := backoff.Config{BaseDelay: policy.Initial, Multiplier: 2, Jitter: 0.2, MaxDelay: policy.Max}
	return &connector{
		target: "dns:///" + net.JoinHostPort(parsed.Hostname(), port),
		options: []grpc.DialOption{
			grpc.WithTransportCredentials(transport),
			grpc.WithConnectParams(grpc.ConnectParams{Backoff: pace, MinConnectTimeout: connectTimeout}),
			grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: keepaliveTime, Timeout: keepaliveTimeout}),
			grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(maxMessageBytes), grpc.MaxCallSendMsgSize(maxMessageBytes)),
			grpc.WithUserAgent("callwire-go/" + Version),
			// The retries of this package know what the gateway says about retrying; gRPC's would multiply with them.
			grpc.WithDisableRetry(),
			grpc.WithDisableServiceConfig(),
		},
	}, nil
}

func transportOf(gateway *url.URL, config *tls.Config) (credentials.TransportCredentials, string, error) {
	switch {
	case gateway.Scheme == "https":
		return credentials.NewTLS(config), "443", nil
	case gateway.Scheme == "http" && config == nil:
		return insecure.NewCredentials(), "80", nil
	case gateway.Scheme == "http":
		return nil, "", fmt.Errorf("callwire: TLS is configured, but the URL says http")
	default:
		return nil, "", fmt.Errorf("callwire: the URL %q begins neither with http:// nor with https://", gateway.Redacted())
	}
}

// connection makes a connection of its own, which the first call opens.
func (c *connector) connection() (*grpc.ClientConn, error) {
	return grpc.NewClient(c.target, c.options...)
}
