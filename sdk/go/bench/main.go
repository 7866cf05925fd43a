//go:build linux

// Command bench measures how fast a journal is read: `bench sdk|stub URL WARM_UP`. By the SDK or by the generated stub alone,
// after so many events to warm up. Run by bench/workloads/sdk.ts.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	callwire "github.com/callwire/callwire/sdk/go"
	"github.com/callwire/callwire/sdk/go/callwirev1"
)

type figures struct {
	Events          uint64  `json:"events"`
	Seconds         float64 `json:"seconds"`
	CPUSeconds      float64 `json:"cpuSeconds"`
	ResidentAtTenth uint64  `json:"residentAtTenth"`
	ResidentAtEnd   uint64  `json:"residentAtEnd"`
}

// reader reads from the oldest event up to a cursor.
type reader func(ctx context.Context, url, endCursor string, onEvent func()) error

func main() {
	if err := run(os.Args[1], os.Args[2], os.Args[3]); err != nil {
		log.Fatal(err)
	}
}

func run(mode, url, warmUp string) error {
	ctx := context.Background()
	read := bySDK
	if mode == "stub" {
		read = byStub
	}
	newest, err := newestCursor(ctx, url)
	if err != nil {
		return err
	}
	epoch, offset, _ := strings.Cut(newest, "-")
	last, err := strconv.ParseUint(offset, 10, 64)
	if err != nil {
		return err
	}
	few, err := strconv.ParseUint(warmUp, 10, 64)
	if err != nil {
		return err
	}
	if err := read(ctx, url, fmt.Sprintf("%s-%d", epoch, min(few, last)), func() {}); err != nil {
		return err
	}
	var taken figures
	cpu, start := cpuSeconds(), time.Now()
	err = read(ctx, url, newest, func() {
		if taken.Events++; taken.Events == last/10 {
			taken.ResidentAtTenth = residentBytes()
		}
	})
	if err != nil {
		return err
	}
	taken.Seconds, taken.CPUSeconds = time.Since(start).Seconds(), cpuSeconds()-cpu
	taken.ResidentAtEnd = residentBytes()
	return json.NewEncoder(os.Stdout).Encode(taken)
}

func newestCursor(ctx context.Context, url string) (string, error) {
	client, err := callwire.NewClient(url, callwire.ClientOptions{})
	if err != nil {
		return "", err
	}
	defer client.Close()
	info, err := client.GetLogInfo(ctx, &callwirev1.GetLogInfoRequest{})
	return info.GetNewestCursor(), err
}

func bySDK(ctx context.Context, url, endCursor string, onEvent func()) error {
	client, err := callwire.NewClient(url, callwire.ClientOptions{})
	if err != nil {
		return err
	}
	defer client.Close()
	subscription := client.Subscribe(callwire.SubscribeOptions{Start: callwire.FromEarliest(), End: callwire.UntilCursor(endCursor)})
	for delivery, err := range subscription.All(ctx) {
		if err != nil {
			return err
		}
		if _, is := delivery.(callwire.EventDelivery); is {
			onEvent()
		}
	}
	return nil
}

func byStub(ctx context.Context, url, endCursor string, onEvent func()) error {
	connection, err := grpc.NewClient(strings.TrimPrefix(url, "http://"), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return err
	}
	defer connection.Close()
	responses, err := callwirev1.NewSubscriptionServiceClient(connection).Subscribe(ctx, &callwirev1.SubscribeRequest{
		Position: &callwirev1.SubscribeRequest_Start{Start: callwirev1.StartPosition_START_POSITION_EARLIEST},
		End:      &callwirev1.SubscribeRequest_EndCursor{EndCursor: endCursor},
	})
	if err != nil {
		return err
	}
	for {
		response, err := responses.Recv()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		for range response.GetEvents() {
			onEvent()
		}
	}
}

func cpuSeconds() float64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		log.Fatal(err)
	}
	return float64(usage.Utime.Nano()+usage.Stime.Nano()) / 1e9
}

func residentBytes() uint64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		log.Fatal(err)
	}
	_, after, _ := strings.Cut(string(status), "VmRSS:")
	kilobytes, err := strconv.ParseUint(strings.Fields(after)[0], 10, 64)
	if err != nil {
		log.Fatal(err)
	}
	return kilobytes * 1024
}
