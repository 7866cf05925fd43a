package io.callwire.conformance;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.protobuf.InvalidProtocolBufferException;
import io.callwire.Client;
import io.callwire.v1.Event;
import io.callwire.v1.GetCallRequest;
import io.callwire.v1.GetLogInfoRequest;
import io.callwire.v1.ListEventsRequest;
import io.callwire.v1.PublishEventsRequest;

/** A call with one answer, or all pages of a list. */
record UnaryCase(RunSpec spec, Output output) implements Case {
  @Override
  public void run() {
    JsonObject done;
    try (Client client = spec.connect()) {
      JsonObject response = call(client);
      done = Outcome.of("completed");
      done.add("response", response);
    } catch (InvalidProtocolBufferException | RuntimeException e) {
      done = Outcome.of(e);
    }
    output.line("done", done);
  }

  private JsonObject call(Client client) throws InvalidProtocolBufferException {
    return switch (spec.method()) {
      case "list_events" -> listEvents(client);
      case "get_log_info" ->
          Output.json(client.getLogInfo(spec.requestInto(GetLogInfoRequest.newBuilder()).build()));
      case "get_call" -> Output.json(client.getCall(spec.requestInto(GetCallRequest.newBuilder()).build()));
      case "publish_events" ->
          Output.json(client.publishEvents(spec.requestInto(PublishEventsRequest.newBuilder()).build()));
      default -> throw new IllegalArgumentException("unknown method " + spec.method());
    };
  }

  private JsonObject listEvents(Client client) throws InvalidProtocolBufferException {
    JsonArray events = new JsonArray();
    for (Event event : client.listEvents(spec.requestInto(ListEventsRequest.newBuilder()).build())) {
      events.add(Output.json(event));
    }
    JsonObject response = new JsonObject();
    response.add("events", events);
    return response;
  }
}
