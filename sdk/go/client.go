package callwire

import (
	"crypto/tls"
	"fmt"
	"time"

	"google.golang.org/grpc"

	"github.com/callwire/callwire/sdk/go/callwirev1"
)

// defaultTimeout is the deadline of unary calls.
const defaultTimeout = 10 * time.Second

// ClientOptions configure a client. The zero value is complete: no credential, and the defaults of each field.
type ClientOptions struct {
	// APIKey is sent with every call as a bearer token. Not together with TokenProvider.
	APIKey string
	// TokenProvider gives the bearer token, and another one when the gateway has refused the last.
	TokenProvider TokenProvider
	// TLS configures https: RootCAs for a private CA, Certificates for a client certificate. Nil means the system's CAs.
	TLS *tls.Config
	// Retry is the policy of unary calls, and of subscriptions that have none of their own.
	Retry RetryPolicy
	// Timeout is the deadline of a unary call with all its retries, when its context has none. Default: 10 s.
	Timeout time.Duration
}

// Client speaks to one gateway. It may be used by several goroutines at once.
type Client struct {
	connector  *connector
	shared     *grpc.ClientConn
	credential credential
	retry      RetryPolicy
	timeout    time.Duration
}

// NewClient makes a client of the gateway at a URL: `http://host[:port]` without encryption, `https://host[:port]` with TLS.
// Nothing is sent before the first call. The error is about the arguments.
func NewClient(gatewayURL string, options ClientOptions) (*Client, error) {
	if options.APIKey != "" && options.TokenProvider != nil {
		return nil, fmt.Errorf("callwire: both an API key and a token provider are given")
	}
	retry := options.Retry.withDefaults()
	connector, err := newConnector(gatewayURL, options.TLS, retry)
	if err != nil {
		return nil, err
	}
	shared, err := connector.connection()
	if err != nil {
		return nil, fmt.Errorf("callwire: %w", err)
	}
	client := &Client{connector: connector, shared: shared, retry: retry, timeout: options.Timeout}
	client.credential.token, client.credential.provider = options.APIKey, options.TokenProvider
	if client.timeout <= 0 {
		client.timeout = defaultTimeout
	}
	return client, nil
}

// Close ends the unary calls under way and the connection that they use. Subscriptions have connections of their own;
// they end by their contexts and their Close.
func (c *Client) Close() error { return c.shared.Close() }

// Raw is the generated stubs over the client's connection: without credential, deadline, retries and resuming.
type Raw struct {
	Subscriptions callwirev1.SubscriptionServiceClient
	Calls         callwirev1.CallServiceClient
	Ingest        callwirev1.IngestServiceClient
	Admin         callwirev1.AdminServiceClient
}

// Raw gives the generated stubs. They live until Close.
func (c *Client) Raw() Raw {
	return Raw{
		Subscriptions: callwirev1.NewSubscriptionServiceClient(c.shared),
		Calls:         callwirev1.NewCallServiceClient(c.shared),
		Ingest:        callwirev1.NewIngestServiceClient(c.shared),
		Admin:         callwirev1.NewAdminServiceClient(c.shared),
	}
}
