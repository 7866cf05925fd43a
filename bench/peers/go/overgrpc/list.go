package overgrpc

import (
	"context"

	pb "callwire-bench/callwirev1"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
)

// ListClient asks for pages of history.
type ListClient struct {
	connection *grpc.ClientConn
}

// OpenList connects.
func OpenList(address string) (*ListClient, error) {
	connection, err := Dial(address)
	return &ListClient{connection}, err
}

// List gives a page.
func (c *ListClient) List(request *pb.ListEventsRequest) (*pb.ListEventsResponse, error) {
	encoded, err := proto.Marshal(request)
	if err != nil {
		return nil, err
	}
	var response []byte
	err = c.connection.Invoke(context.Background(), "/callwire.v1.SubscriptionService/ListEvents", encoded, &response)
	if err != nil {
		return nil, err
	}
	page := &pb.ListEventsResponse{}
	return page, proto.Unmarshal(response, page)
}

// Close ends the connection.
func (c *ListClient) Close() { _ = c.connection.Close() }
