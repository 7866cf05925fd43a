package callwire_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	callwire "github.com/callwire/callwire/sdk/go"
)

func Example() {
	client, err := callwire.NewClient("http://127.0.0.1:7450", callwire.ClientOptions{APIKey: "key"})
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()

	subscription := client.Subscribe(callwire.SubscribeOptions{
		Filters:    map[string]*callwire.Filter{"support": {QueueNames: []string{"support"}}},
		Start:      callwire.FromEarliest(),
		Checkpoint: callwire.NewFileCheckpoint("support.checkpoint"),
	})
	for delivery, err := range subscription.All(context.Background()) {
		if err != nil {
			log.Fatal(err)
		}
		switch delivery := delivery.(type) {
		case callwire.EventDelivery:
			fmt.Println(delivery.Cursor, delivery.Event.GetTrigger())
		case callwire.GapDelivery:
			fmt.Println("lost from", delivery.FromCursor, "to", delivery.ToCursor)
		}
	}
}

func ExampleError() {
	var err error = &callwire.Error{Reason: "CURSOR_EXPIRED", Metadata: map[string]string{"oldest_cursor": "0a1b2c3d-400"}}
	if failed, is := errors.AsType[*callwire.Error](err); is && failed.Reason == "CURSOR_EXPIRED" {
		fmt.Println("begin again after", failed.Metadata["oldest_cursor"])
	}
	// Output: begin again after 0a1b2c3d-400
}
