package main

import (
	"encoding/json"
	"fmt"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	callwire "github.com/callwire/callwire/sdk/go"
	"github.com/callwire/callwire/sdk/go/callwirev1"
)

// unary makes the case's call and gives its answer.
func (r *running) unary(client *callwire.Client) (json.RawMessage, error) {
	switch r.plan.Method {
	case "list_events":
		return r.listEvents(client)
	case "get_log_info":
		return answer(r, &callwirev1.GetLogInfoRequest{}, func(request *callwirev1.GetLogInfoRequest) (*callwirev1.GetLogInfoResponse, error) {
			return client.GetLogInfo(r.ctx, request)
		})
	case "get_call":
		return answer(r, &callwirev1.GetCallRequest{}, func(request *callwirev1.GetCallRequest) (*callwirev1.GetCallResponse, error) {
			return client.GetCall(r.ctx, request)
		})
	case "publish_events":
		return answer(r, &callwirev1.PublishEventsRequest{}, func(request *callwirev1.PublishEventsRequest) (*callwirev1.PublishEventsResponse, error) {
			return client.PublishEvents(r.ctx, request)
		})
	default:
		return nil, fmt.Errorf("no such method: %q", r.plan.Method)
	}
}

func answer[Request, Response proto.Message](r *running, request Request, call func(Request) (Response, error)) (json.RawMessage, error) {
	if err := r.readRequest(request); err != nil {
		return nil, err
	}
	response, err := call(request)
	if err != nil {
		return nil, err
	}
	return protoJSON(response)
}

func (r *running) readRequest(request proto.Message) error {
	if len(r.plan.Request) == 0 {
		return nil
	}
	return protojson.Unmarshal(r.plan.Request, request)
}

// listEvents gives the events of all pages.
func (r *running) listEvents(client *callwire.Client) (json.RawMessage, error) {
	request := &callwirev1.ListEventsRequest{}
	if err := r.readRequest(request); err != nil {
		return nil, err
	}
	var all callwirev1.ListEventsResponse
	for delivery, err := range client.ListEvents(r.ctx, request) {
		if err != nil {
			return nil, err
		}
		switch delivery := delivery.(type) {
		case callwire.EventDelivery:
			all.Events = append(all.Events, delivery.Event)
		case callwire.GapDelivery:
			all.Gap = &callwirev1.Gap{FromCursor: delivery.FromCursor, ToCursor: delivery.ToCursor}
		}
	}
	return protoJSON(&all)
}
