// Package gatewaytest runs the checkout's own gateway in a process for tests.
package gatewaytest

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

const startTimeout = 60 * time.Second

// Gateway is a gateway with a data folder of its own. It ends with its test.
type Gateway struct {
	// URL stays the same over restarts.
	URL string

	t       *testing.T
	root    string
	dataDir string
	listen  string
	process *exec.Cmd
}

// Start runs a gateway on a free port and an empty folder.
func Start(t *testing.T) *Gateway {
	t.Helper()
	g := &Gateway{t: t, root: checkout(t), dataDir: t.TempDir(), listen: "127.0.0.1:0"}
	g.start()
	t.Cleanup(func() { g.end(syscall.SIGTERM) })
	return g
}

// checkout is the root of the repository that this file lies in.
func checkout(t *testing.T) string {
	t.Helper()
	_, file, _, _ := runtime.Caller(0)
	root := filepath.Join(filepath.Dir(file), "../../../..")
	if _, err := os.Stat(filepath.Join(root, "node_modules/.bin/node")); err != nil {
		t.Fatalf("these tests run the gateway of the checkout, which `npm ci` in its root prepares: %v", err)
	}
	return root
}

// command prepares the checkout's executable, run by its own Node.
func (g *Gateway) command(args ...string) *exec.Cmd {
	command := exec.Command(filepath.Join(g.root, "bin/callwire.js"), args...)
	command.Env = append(os.Environ(),
		"PATH="+filepath.Join(g.root, "node_modules/.bin")+string(os.PathListSeparator)+os.Getenv("PATH"),
		"CALLWIRE_LOG_FORMAT=json")
	return command
}

// start runs the gateway and waits until it is ready.
func (g *Gateway) start() {
	g.t.Helper()
	g.process = g.command("serve", "--listen", g.listen, "--data-dir", g.dataDir)
	log, err := g.process.StderrPipe()
	if err != nil {
		g.t.Fatal(err)
	}
	if err := g.process.Start(); err != nil {
		g.t.Fatal(err)
	}
	late := time.AfterFunc(startTimeout, func() { _ = g.process.Process.Kill() }) // Ends the log, and so the wait below.
	defer late.Stop()
	var said strings.Builder
	lines := bufio.NewScanner(log)
	for lines.Scan() {
		said.WriteString(lines.Text() + "\n")
		var entry struct{ Msg, URL string }
		if json.Unmarshal(lines.Bytes(), &entry) == nil && entry.Msg == "ready" {
			g.URL = entry.URL
			g.listen = strings.TrimPrefix(entry.URL, "http://")
			go func() { _, _ = io.Copy(io.Discard, log) }() // Ends with the process.
			return
		}
	}
	g.t.Fatalf("the gateway did not start:\n%s", said.String())
}

func (g *Gateway) end(signal syscall.Signal) {
	if g.process == nil {
		return
	}
	_ = g.process.Process.Signal(signal) // It may have ended by itself.
	_ = g.process.Wait()                 // A signal is an error of Wait.
	g.process = nil
}

// Kill ends the gateway as a crash would.
func (g *Gateway) Kill() { g.end(syscall.SIGKILL) }

// Stop lets the gateway shut down.
func (g *Gateway) Stop() { g.end(syscall.SIGTERM) }

// Restart runs the gateway again, on the same port and folder.
func (g *Gateway) Restart() {
	g.t.Helper()
	g.start()
}

// Post sends one webhook body and gives the cursors of its events.
func (g *Gateway) Post(body any) []string {
	g.t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		g.t.Fatal(err)
	}
	target, err := url.JoinPath(g.URL, "webhooks/default/ccai")
	if err != nil {
		g.t.Fatal(err)
	}
	response, err := http.Post(target, "application/json", bytes.NewReader(text))
	if err != nil {
		g.t.Fatal(err)
	}
	defer response.Body.Close()
	var answer struct{ Cursors []string }
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil || response.StatusCode != http.StatusOK {
		g.t.Fatalf("the gateway answered %s: %v", response.Status, err)
	}
	return answer.Cursors
}

// PostCalls sends events of as many calls, in batches, and gives their cursors.
func (g *Gateway) PostCalls(prefix string, count int) []string {
	g.t.Helper()
	const batch = 500
	var cursors []string
	for first := 0; first < count; first += batch {
		var items []map[string]any
		for i := first; i < min(first+batch, count); i++ {
			items = append(items, map[string]any{"call_id": fmt.Sprintf("%s-%d", prefix, i), "state": "waiting"})
		}
		cursors = append(cursors, g.Post(map[string]any{"count": len(items), "events": items})...)
	}
	return cursors
}

// Simulate plays a contact centre to its end.
func (g *Gateway) Simulate(calls, seed int) {
	g.t.Helper()
	command := g.command("simulate", "--gateway", g.URL, "--rate", "0", "--calls", fmt.Sprint(calls), "--seed", fmt.Sprint(seed))
	if output, err := command.CombinedOutput(); err != nil {
		g.t.Fatalf("the simulation failed: %v\n%s", err, output)
	}
}
