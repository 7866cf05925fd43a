package callwire

import (
	"context"
	"iter"

	"google.golang.org/protobuf/proto"

	"github.com/callwire/callwire/sdk/go/callwirev1"
)

// ListEvents reads a range of history, asking for its pages as the loop goes on; each page has a deadline of its own. It
// yields EventDelivery, and first a GapDelivery when the range began before what is kept and SkipWithGap was asked for.
// An error is the last thing yielded.
func (c *Client) ListEvents(ctx context.Context, request *callwirev1.ListEventsRequest) iter.Seq2[Delivery, error] {
	return func(yield func(Delivery, error) bool) {
		for page, err := range c.eventPages(ctx, request) {
			if err != nil {
				yield(nil, err)
				return
			}
			if gap := page.GetGap(); gap != nil && !yield(GapDelivery{gap.GetFromCursor(), gap.GetToCursor()}, nil) {
				return
			}
			epoch, _, _ := splitCursor(page.GetCursor())
			for i, event := range page.GetEvents() {
				if !yield(eventDelivery(epoch, event, page.GetMatches(), i), nil) {
					return
				}
			}
		}
	}
}

func (c *Client) eventPages(ctx context.Context, request *callwirev1.ListEventsRequest) iter.Seq2[*callwirev1.ListEventsResponse, error] {
	next := proto.CloneOf(request)
	return pages(func() (*callwirev1.ListEventsResponse, error) {
		page, err := invoke[callwirev1.ListEventsResponse](ctx, c, callwirev1.SubscriptionService_ListEvents_FullMethodName, next)
		next.PageToken = page.GetNextPageToken()
		return page, err
	})
}

// ListCalls lists calls and chats, newest first, asking for its pages as the loop goes on. An error is the last thing
// yielded.
func (c *Client) ListCalls(ctx context.Context, request *callwirev1.ListCallsRequest) iter.Seq2[*callwirev1.Session, error] {
	next := proto.CloneOf(request)
	return items((*callwirev1.ListCallsResponse).GetSessions, func() (*callwirev1.ListCallsResponse, error) {
		page, err := invoke[callwirev1.ListCallsResponse](ctx, c, callwirev1.CallService_ListCalls_FullMethodName, next)
		next.PageToken = page.GetNextPageToken()
		return page, err
	})
}

// ListAgents lists the agents that events have named, by id, asking for its pages as the loop goes on. An error is the
// last thing yielded.
func (c *Client) ListAgents(ctx context.Context, request *callwirev1.ListAgentsRequest) iter.Seq2[*callwirev1.Agent, error] {
	next := proto.CloneOf(request)
	return items((*callwirev1.ListAgentsResponse).GetAgents, func() (*callwirev1.ListAgentsResponse, error) {
		page, err := invoke[callwirev1.ListAgentsResponse](ctx, c, callwirev1.CallService_ListAgents_FullMethodName, next)
		next.PageToken = page.GetNextPageToken()
		return page, err
	})
}

// page is any answer of a list.
type page interface{ GetNextPageToken() string }

// pages asks until a page is the last, empty ones included.
func pages[Page page](ask func() (Page, error)) iter.Seq2[Page, error] {
	return func(yield func(Page, error) bool) {
		for {
			answer, err := ask()
			if !yield(answer, err) || err != nil || answer.GetNextPageToken() == "" {
				return
			}
		}
	}
}

// items flattens pages.
func items[Page page, Item any](of func(Page) []Item, ask func() (Page, error)) iter.Seq2[Item, error] {
	return func(yield func(Item, error) bool) {
		for answer, err := range pages(ask) {
			if err != nil {
				var none Item
				yield(none, err)
				return
			}
			for _, item := range of(answer) {
				if !yield(item, nil) {
					return
				}
			}
		}
	}
}
