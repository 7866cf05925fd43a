package callwire

import (
	"context"

	"github.com/callwire/callwire/sdk/go/callwirev1"
)

// Every call here has the client's timeout unless its context has a deadline, and is retried as the client's policy says
// until then. Errors are of type *Error.

// GetLogInfo says what the journal holds, and the limits in force.
func (c *Client) GetLogInfo(ctx context.Context, request *callwirev1.GetLogInfoRequest) (*callwirev1.GetLogInfoResponse, error) {
	return invoke[callwirev1.GetLogInfoResponse](ctx, c, callwirev1.SubscriptionService_GetLogInfo_FullMethodName, request)
}

// ExplainEvent says why filters select an event or not.
func (c *Client) ExplainEvent(ctx context.Context, request *callwirev1.ExplainEventRequest) (*callwirev1.ExplainEventResponse, error) {
	return invoke[callwirev1.ExplainEventResponse](ctx, c, callwirev1.SubscriptionService_ExplainEvent_FullMethodName, request)
}

// GetCall gives one call or chat, as it is or as it was at a cursor.
func (c *Client) GetCall(ctx context.Context, request *callwirev1.GetCallRequest) (*callwirev1.GetCallResponse, error) {
	return invoke[callwirev1.GetCallResponse](ctx, c, callwirev1.CallService_GetCall_FullMethodName, request)
}

// GetAgent gives one agent, by id or by e-mail address.
func (c *Client) GetAgent(ctx context.Context, request *callwirev1.GetAgentRequest) (*callwirev1.GetAgentResponse, error) {
	return invoke[callwirev1.GetAgentResponse](ctx, c, callwirev1.CallService_GetAgent_FullMethodName, request)
}

// PublishEvents publishes a batch; the answer has one result an item. It is retried only when every item has an
// idempotency key, since without one a repeated item is another event.
func (c *Client) PublishEvents(ctx context.Context, request *callwirev1.PublishEventsRequest) (*callwirev1.PublishEventsResponse, error) {
	response := &callwirev1.PublishEventsResponse{}
	call := unaryCall{c, callwirev1.IngestService_PublishEvents_FullMethodName, request, response, everyItemHasKey(request)}
	if err := call.do(ctx); err != nil {
		return nil, err
	}
	return response, nil
}

func everyItemHasKey(request *callwirev1.PublishEventsRequest) bool {
	for _, item := range request.GetItems() {
		if item.GetIdempotencyKey() == "" {
			return false
		}
	}
	return true
}
