package overgrpc

import (
	"context"

	"callwire-bench/event"

	"google.golang.org/grpc"
)

// ListClient asks for pages of history.
type ListClient struct {
	connection *grpc.ClientConn
}

// OpenList connects.
func OpenList(address string) (*ListClient, error) {
	connection, err := dial(address)
	return &ListClient{connection}, err
}

// List gives the number of events of the page that a ListEventsRequest asks for.
func (c *ListClient) List(request []byte) (events int, err error) {
	var response []byte
	err = c.connection.Invoke(context.Background(), "/callwire.v1.SubscriptionService/ListEvents", request, &response)
	if err != nil {
		return 0, err
	}
	_, err = event.EachElement(response, func([]byte) { events++ })
	return events, err
}

// Close ends the connection.
func (c *ListClient) Close() { _ = c.connection.Close() }
