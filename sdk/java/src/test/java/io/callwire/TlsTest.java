package io.callwire;

import static io.callwire.testing.Responses.cursor;
import static io.callwire.testing.Responses.events;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.callwire.testing.Certificate;
import io.callwire.testing.Script;
import io.callwire.testing.ScriptedServer;
import io.callwire.v1.GetLogInfoResponse;
import io.grpc.Status;
import io.grpc.TlsServerCredentials;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TlsTest {
  private static final RetryPolicy ONCE = RetryPolicy.DEFAULT.withMaxAttempts(0);

  @TempDir static Path folder;
  private static Certificate gateway;
  private static Certificate consumer;

  @BeforeAll
  static void makeCertificates() throws Exception {
    gateway = Certificate.make(folder, "gateway");
    consumer = Certificate.make(folder, "consumer");
  }

  private static ScriptedServer serve(boolean asksForCertificate) throws Exception {
    TlsServerCredentials.Builder tls =
        TlsServerCredentials.newBuilder().keyManager(gateway.pem().toFile(), gateway.keyPem().toFile());
    if (asksForCertificate) {
      tls.trustManager(consumer.pem().toFile()).clientAuth(TlsServerCredentials.ClientAuth.REQUIRE);
    }
    return ScriptedServer.start(tls.build(), Script.complete(events(1)))
        .answerLogInfo(call -> GetLogInfoResponse.newBuilder().setEpoch("0a1b2c3d").build());
  }

  @Test
  void aPrivateAuthorityIsTrustedWhenItIsGiven() throws Exception {
    try (ScriptedServer server = serve(false);
        Client client = Client.builder(server.url()).caCertificate(gateway.pem()).build()) {
      assertEquals("0a1b2c3d", client.getLogInfo().getEpoch());
      SubscribeOptions options = SubscribeOptions.builder().fromEarliest().endCursor(cursor(1)).build();
      assertEquals(Ending.COMPLETED, client.subscribe(options).run(delivery -> {}));
    }
  }

  @Test
  void anUnknownAuthorityIsNotTrusted() throws Exception {
    try (ScriptedServer server = serve(false);
        Client client = Client.builder(server.url()).retry(ONCE).build()) {
      CallwireException error = assertThrows(CallwireException.class, client::getLogInfo);
      assertEquals(Status.Code.UNAVAILABLE, error.code());
    }
  }

  @Test
  void aClientCertificateIsPresented() throws Exception {
    try (ScriptedServer server = serve(true);
        Client client =
            Client.builder(server.url())
                .caCertificate(gateway.pem())
                .clientCertificate(consumer.pem(), consumer.keyPem())
                .build();
        Client stranger = Client.builder(server.url()).caCertificate(gateway.pem()).retry(ONCE).build()) {
      assertEquals("0a1b2c3d", client.getLogInfo().getEpoch());
      assertThrows(CallwireException.class, stranger::getLogInfo);
    }
  }

  @Test
  void certificatesNeedTls() {
    ClientBuilder builder = Client.builder("http://127.0.0.1:7450").caCertificate(gateway.pem());
    assertThrows(IllegalStateException.class, builder::build);
  }

  @Test
  void aCertificateThatCannotBeReadIsAnError() {
    ClientBuilder builder = Client.builder("https://127.0.0.1:7450").caCertificate(folder.resolve("missing.pem"));
    assertThrows(UncheckedIOException.class, builder::build);
  }
}
