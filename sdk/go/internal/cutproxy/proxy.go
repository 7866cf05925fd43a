// Package cutproxy cuts connections in the middle of what they carry.
package cutproxy

import (
	"io"
	"net"
	"strings"
	"sync/atomic"
	"testing"
)

// Proxy passes connections on to a gateway.
type Proxy struct {
	// URL is where it listens.
	URL string

	listener    net.Listener
	target      string
	limit       func(connection int) int64
	connections atomic.Int64
}

// Start listens in front of the gateway at a URL. limit gives the number of bytes that a connection, counted from 0,
// carries towards the client before it is cut; a negative one never cuts.
func Start(t *testing.T, gatewayURL string, limit func(connection int) int64) *Proxy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{
		URL:      "http://" + listener.Addr().String(),
		listener: listener,
		target:   strings.TrimPrefix(gatewayURL, "http://"),
		limit:    limit,
	}
	go p.accept()
	t.Cleanup(func() { _ = listener.Close() })
	return p
}

// Connections is how many were made so far.
func (p *Proxy) Connections() int { return int(p.connections.Load()) }

// accept ends with the listener.
func (p *Proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		go p.carry(client, p.limit(int(p.connections.Add(1))-1))
	}
}

// carry ends when either side does, or at the limit.
func (p *Proxy) carry(client net.Conn, limit int64) {
	defer client.Close()
	gateway, err := net.Dial("tcp", p.target)
	if err != nil {
		return
	}
	defer gateway.Close()
	go func() { _, _ = io.Copy(gateway, client) }() // Ends when either side is closed.
	if limit < 0 {
		_, _ = io.Copy(client, gateway)
		return
	}
	_, _ = io.CopyN(client, gateway, limit)
}
