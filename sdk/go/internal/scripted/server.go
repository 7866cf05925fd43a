// Package scripted is a gRPC server that says what a test wants said: also what a healthy gateway never says.
package scripted

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"sync"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/protoadapt"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/callwire/callwire/sdk/go/callwirev1"
)

// Stream is the server's side of a subscription.
type Stream = grpc.ServerStreamingServer[callwirev1.SubscribeResponse]

// Script plays one stream.
type Script func(stream Stream) error

// Server plays the first script to the first stream, the second to the second, and the last to all further ones.
type Server struct {
	callwirev1.UnimplementedSubscriptionServiceServer
	callwirev1.UnimplementedIngestServiceServer

	// URL is where it listens.
	URL string
	// LogInfo and Publish answer unary calls, counted from 0.
	LogInfo func(ctx context.Context, call int) (*callwirev1.GetLogInfoResponse, error)
	Publish func(ctx context.Context, call int) (*callwirev1.PublishEventsResponse, error)

	scripts  []Script
	mu       sync.Mutex
	requests []*callwirev1.SubscribeRequest
	calls    int
}

// Start serves on a free port until its test ends.
func Start(t *testing.T, scripts ...Script) *Server {
	t.Helper()
	return serve(t, "http://", grpc.NewServer(), scripts)
}

// StartTLS is Start with TLS.
func StartTLS(t *testing.T, config *tls.Config, scripts ...Script) *Server {
	t.Helper()
	return serve(t, "https://", grpc.NewServer(grpc.Creds(credentials.NewTLS(config))), scripts)
}

func serve(t *testing.T, scheme string, server *grpc.Server, scripts []Script) *Server {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{URL: scheme + listener.Addr().String(), scripts: scripts}
	callwirev1.RegisterSubscriptionServiceServer(server, s)
	callwirev1.RegisterIngestServiceServer(server, s)
	go func() { _ = server.Serve(listener) }() // Ends by Stop.
	t.Cleanup(server.Stop)
	return s
}

// Requests are those of the streams so far.
func (s *Server) Requests() []*callwirev1.SubscribeRequest {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]*callwirev1.SubscribeRequest{}, s.requests...)
}

// Calls is how many unary calls were made so far.
func (s *Server) Calls() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls
}

// Subscribe plays the next script.
func (s *Server) Subscribe(request *callwirev1.SubscribeRequest, stream Stream) error {
	s.mu.Lock()
	script := s.scripts[min(len(s.requests), len(s.scripts)-1)]
	s.requests = append(s.requests, request)
	s.mu.Unlock()
	return script(stream)
}

// GetLogInfo answers by LogInfo.
func (s *Server) GetLogInfo(ctx context.Context, _ *callwirev1.GetLogInfoRequest) (*callwirev1.GetLogInfoResponse, error) {
	return s.LogInfo(ctx, s.nextCall())
}

// PublishEvents answers by Publish.
func (s *Server) PublishEvents(ctx context.Context, _ *callwirev1.PublishEventsRequest) (*callwirev1.PublishEventsResponse, error) {
	return s.Publish(ctx, s.nextCall())
}

func (s *Server) nextCall() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls++
	return s.calls - 1
}

// Epoch is that of every scripted cursor.
const Epoch = "0a1b2c3d"

// Cursor is that of an offset.
func Cursor(offset uint64) string { return fmt.Sprintf("%s-%d", Epoch, offset) }

// Events is a response with an event at each offset, and the last one's cursor.
func Events(offsets ...uint64) *callwirev1.SubscribeResponse {
	response := &callwirev1.SubscribeResponse{}
	for _, offset := range offsets {
		response.Events = append(response.Events, &callwirev1.Event{Offset: offset})
		response.Cursor = Cursor(offset)
	}
	return response
}

// At is a response with a cursor alone.
func At(offset uint64) *callwirev1.SubscribeResponse {
	return &callwirev1.SubscribeResponse{Cursor: Cursor(offset)}
}

// Say is a script that sends responses and ends with an error, or with OK.
func Say(end error, responses ...*callwirev1.SubscribeResponse) Script {
	return func(stream Stream) error {
		for _, response := range responses {
			if err := stream.Send(response); err != nil {
				return err
			}
		}
		return end
	}
}

// Stay is a script that sends responses and then says nothing more until the client leaves.
func Stay(responses ...*callwirev1.SubscribeResponse) Script {
	return func(stream Stream) error {
		if err := Say(nil, responses...)(stream); err != nil {
			return err
		}
		<-stream.Context().Done()
		return stream.Context().Err()
	}
}

// Failure is a gateway's error: a code with a reason of the catalogue, without one when it is empty. A retryAfter that is
// not negative goes with it.
func Failure(code codes.Code, reason string, retryAfter time.Duration, metadata map[string]string) error {
	failure := status.New(code, "as the script says")
	var details []protoadapt.MessageV1
	if reason != "" {
		details = append(details, &errdetails.ErrorInfo{Reason: reason, Domain: "callwire", Metadata: metadata})
	}
	if retryAfter >= 0 {
		details = append(details, &errdetails.RetryInfo{RetryDelay: durationpb.New(retryAfter)})
	}
	with, err := failure.WithDetails(details...)
	if err != nil {
		panic(err) // Only for details that no codec knows.
	}
	return with.Err()
}

// Authorization is the header that came with a call.
func Authorization(ctx context.Context) string {
	headers, _ := metadata.FromIncomingContext(ctx)
	if values := headers.Get("authorization"); len(values) > 0 {
		return values[0]
	}
	return ""
}
