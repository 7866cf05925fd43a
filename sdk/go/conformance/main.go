// Command conformance lets the project's conformance suite drive this SDK: JSON lines in on stdin, JSON lines out on
// stdout. Several cases may be under way at once. It ends when stdin does.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"sync"
)

// inputLine starts a case, or does something to one that is under way.
type inputLine struct {
	Case string `json:"case"`
	Run  *plan  `json:"run"`
	Do   string `json:"do"`
}

func main() {
	if err := drive(os.Stdin, newReport(os.Stdout)); err != nil {
		fmt.Fprintln(os.Stderr, "conformance:", err)
		os.Exit(1)
	}
}

func drive(input io.Reader, report *report) error {
	cases := map[string]*running{}
	var underWay sync.WaitGroup
	defer underWay.Wait()
	lines := bufio.NewReader(input)
	for {
		text, readErr := lines.ReadBytes('\n')
		if len(text) > 1 {
			var line inputLine
			if err := json.Unmarshal(text, &line); err != nil {
				return fmt.Errorf("not a line of the protocol: %w", err)
			}
			if line.Run != nil {
				started := newRunning(line.Case, line.Run, report)
				cases[line.Case] = started
				underWay.Go(started.run)
			} else if found := cases[line.Case]; found != nil {
				found.do(line.Do)
			}
		}
		if readErr == io.EOF {
			return nil
		}
		if readErr != nil {
			return readErr
		}
	}
}
