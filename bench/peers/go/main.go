// Command bench-peer is what `npm run bench` measures by and compares with: the load (publish, subscribe, list) over each
// protocol, and a grpc-go server (serve). Reports are lines of JSON on standard output.
package main

import (
	"fmt"
	"os"

	"callwire-bench/grpcserver"
)

var roles = map[string]func(args []string) error{
	"publish":   publish,
	"subscribe": subscribe,
	"list":      list,
	"serve":     serve,
}

func main() {
	if len(os.Args) < 2 || roles[os.Args[1]] == nil {
		fmt.Fprintln(os.Stderr, "usage: bench-peer publish|subscribe|list|serve [flags]; each has -help")
		os.Exit(2)
	}
	if err := roles[os.Args[1]](os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, "bench-peer", os.Args[1]+":", err)
		os.Exit(1)
	}
}

func serve(args []string) error {
	flags := newFlags("serve")
	prepared := flags.Bool("prepared", false, "encode a response once for all who get it")
	index := flags.Bool("index", false, "find subscribers by an index")
	flags.parse(args)
	return grpcserver.Serve(grpcserver.Variant{Prepared: *prepared, Index: *index})
}
