import io.callwire.Client;
import io.callwire.Delivery;
import io.callwire.EventDelivery;
import io.callwire.MemoryCheckpoint;
import io.callwire.SubscribeOptions;
import io.callwire.Subscription;
import io.callwire.v1.PublishEventsRequest;
import io.callwire.v1.PublishItem;
import java.util.ArrayList;
import java.util.List;

/** Publishes two events of a call to the gateway that is given, and reads them back. */
public final class Consumer {
  public static void main(String[] args) {
    List<String> states = new ArrayList<>();
    MemoryCheckpoint checkpoint = new MemoryCheckpoint();
    try (Client client = Client.connect(args[0])) {
      PublishEventsRequest.Builder request = PublishEventsRequest.newBuilder().setSource("ccai");
      for (String state : List.of("ringing", "connected")) {
        request.addItems(PublishItem.newBuilder().setJson("{\"call_id\":\"1\",\"state\":\"" + state + "\"}"));
      }
      client.publishEvents(request.build());

      SubscribeOptions options =
          SubscribeOptions.builder().fromEarliest().filter("one", f -> f.addCallIds("1")).checkpoint(checkpoint).build();
      Subscription subscription = client.subscribe(options);
      for (Delivery delivery : subscription) {
        if (delivery instanceof EventDelivery event) {
          states.add(event.event().getCall().getState().toString());
          if (states.size() == 2) {
            subscription.stop();
          }
        }
      }
    }
    String cursor = checkpoint.load().orElseThrow().cursor();
    System.out.println(states + " up to " + cursor.substring(cursor.indexOf('-') + 1));
  }
}
