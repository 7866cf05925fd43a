// Command recorder is the control side of a call recorder: it starts a recording when a call is answered, pauses it while
// anything is redacted, stops it at the call's end, and writes one JSON line a finished call. It resumes from a checkpoint
// file; without one it begins at the oldest event kept. A crash may write the last line again, and loses none.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	callwire "github.com/callwire/callwire/sdk/go"
	"github.com/callwire/callwire/sdk/go/callwirev1"
)

func main() {
	url := flag.String("url", "http://127.0.0.1:7450", "the gateway")
	apiKey := flag.String("api-key", "", "an API key that may subscribe to the FULL view")
	checkpoint := flag.String("checkpoint", "recorder.checkpoint", "the file that keeps the position")
	out := flag.String("out", "-", "the file that gets the lines, - for stdout")
	flag.Parse()

	interrupted, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(interrupted, *url, *apiKey, *checkpoint, *out); err != nil {
		fmt.Fprintln(os.Stderr, "recorder:", err)
		os.Exit(1)
	}
}

// run records until it is interrupted; the event in hand is then handled, and its position saved.
func run(interrupted context.Context, url, apiKey, checkpoint, out string) error {
	lines, err := openLines(out)
	if err != nil {
		return err
	}
	defer lines.Close()
	client, err := callwire.NewClient(url, callwire.ClientOptions{APIKey: apiKey})
	if err != nil {
		return err
	}
	defer client.Close()

	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	subscription := client.Subscribe(callwire.SubscribeOptions{
		Filters: map[string]*callwire.Filter{
			"calls": {Kinds: []callwirev1.EventKind{callwirev1.EventKind_EVENT_KIND_CALL}},
		},
		Start:      callwire.FromEarliest(),
		View:       callwire.ViewFull,
		OnExpired:  callwire.SkipWithGap,
		Checkpoint: callwire.NewFileCheckpoint(checkpoint),
		// A line is on the disk before its position is: each event is saved, so that few lines can come twice.
		Save: callwire.SavePolicy{Events: 1},
		OnStatus: func(status callwire.Status) {
			if cut, is := status.(callwire.ReconnectingStatus); is {
				log.Warn("reconnecting", "attempt", cut.Attempt, "delay", cut.Delay, "cause", cut.Cause)
			}
		},
	})
	context.AfterFunc(interrupted, subscription.Stop)
	return subscription.Run(context.Background(), newRecorder(lines, log).handle)
}

// lineFile is where finished calls are written. A line that was written is on the disk.
type lineFile struct{ file *os.File }

func openLines(path string) (io.WriteCloser, error) {
	if path == "-" {
		return os.Stdout, nil
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	return &lineFile{file}, nil
}

func (l *lineFile) Write(line []byte) (int, error) {
	written, err := l.file.Write(line)
	if err != nil {
		return written, err
	}
	return written, l.file.Sync()
}

func (l *lineFile) Close() error { return l.file.Close() }
