package io.callwire.conformance;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageOrBuilder;
import com.google.protobuf.util.JsonFormat;
import java.io.PrintStream;

/** Writes the lines of one case. Lines of several cases do not mix. */
record Output(String caseId, PrintStream out) {
  private static final JsonFormat.Printer PRINTER = JsonFormat.printer().omittingInsignificantWhitespace();

  void line(String member, JsonObject value) {
    JsonObject line = new JsonObject();
    line.addProperty("case", caseId);
    line.add(member, value);
    write(line);
  }

  void handling(long number) {
    JsonObject line = new JsonObject();
    line.addProperty("case", caseId);
    line.addProperty("handling", number);
    write(line);
  }

  private void write(JsonObject line) {
    synchronized (out) {
      out.println(line);
      out.flush();
    }
  }

  static JsonObject json(MessageOrBuilder message) {
    try {
      return JsonParser.parseString(PRINTER.print(message)).getAsJsonObject();
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException("the message has no JSON form", e);
    }
  }
}
