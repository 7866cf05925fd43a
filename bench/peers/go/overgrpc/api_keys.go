package overgrpc

import (
	"context"
	"os"
	"strings"
)

// apiKeys are those of the variable CALLWIRE_BENCH_KEYS, separated by commas.
var apiKeys = strings.Split(os.Getenv("CALLWIRE_BENCH_KEYS"), ",")

// keyOf is the key of client i, who shares it with others; empty for none.
func keyOf(i int) string { return apiKeys[i%len(apiKeys)] }

type apiKey string

func (k apiKey) GetRequestMetadata(context.Context, ...string) (map[string]string, error) {
	if k == "" {
		return nil, nil
	}
	return map[string]string{"authorization": "Bearer " + string(k)}, nil
}

func (apiKey) RequireTransportSecurity() bool { return false }
