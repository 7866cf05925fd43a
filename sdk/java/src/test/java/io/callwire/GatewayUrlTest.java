package io.callwire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GatewayUrlTest {
  @Test
  void theSchemeSaysWhetherThereIsTls() {
    assertEquals(new GatewayUrl("127.0.0.1", 7450, false), GatewayUrl.parse("http://127.0.0.1:7450"));
    assertEquals(new GatewayUrl("gateway.example", 443, true), GatewayUrl.parse("https://gateway.example/"));
    assertEquals(new GatewayUrl("[::1]", 80, false), GatewayUrl.parse("HTTP://[::1]"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "127.0.0.1:7450",
        "grpc://gateway.example",
        "https://",
        "https://gateway.example/path",
        "https://gateway.example?tenant=a",
        "https://user:secret@gateway.example"
      })
  void anythingElseIsRefused(String url) {
    assertThrows(IllegalArgumentException.class, () -> Client.connect(url));
  }
}
