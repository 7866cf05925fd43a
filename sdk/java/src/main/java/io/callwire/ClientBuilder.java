package io.callwire;

import io.grpc.ChannelCredentials;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.TlsChannelCredentials;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.ChannelOption;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/** Makes a {@link Client}. Every setter returns the builder. */
public final class ClientBuilder {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);
  private static final Duration PING_INTERVAL = Duration.ofSeconds(20);
  private static final Duration PING_TIMEOUT = Duration.ofSeconds(10);
  private static final int MAX_MESSAGE_BYTES = 16 * 1024 * 1024;
  private static final String USER_AGENT = "callwire-java";

  private final GatewayUrl url;
  private ApiKeyCredentials credentials;
  private Path caCertificate;
  private Path clientCertificate;
  private Path clientKey;
  private Duration callTimeout = Duration.ofSeconds(10);
  private RetryPolicy retry = RetryPolicy.DEFAULT;

  ClientBuilder(GatewayUrl url) {
    this.url = url;
  }

  /**
   * Sends an API key with every call.
   *
   * @param apiKey the key, not empty
   * @return this
   */
  public ClientBuilder apiKey(String apiKey) {
    if (apiKey.isEmpty()) {
      throw new IllegalArgumentException("the API key is empty");
    }
    credentials = ApiKeyCredentials.fixed(apiKey);
    return this;
  }

  /**
   * Sends an API key that can be renewed with every call.
   *
   * @param provider asked for the key at the first call, and for a fresh one when the gateway refuses it
   * @return this
   */
  public ClientBuilder apiKey(ApiKeyProvider provider) {
    credentials = ApiKeyCredentials.provided(Objects.requireNonNull(provider, "provider"));
    return this;
  }

  /**
   * Trusts the certificates of a file instead of the system's.
   *
   * @param pem the certificates, as PEM
   * @return this
   */
  public ClientBuilder caCertificate(Path pem) {
    caCertificate = Objects.requireNonNull(pem, "pem");
    return this;
  }

  /**
   * Presents a certificate to the gateway.
   *
   * @param certificatePem the certificate with its chain, as PEM
   * @param keyPem its private key, PKCS #8 as PEM without a password
   * @return this
   */
  public ClientBuilder clientCertificate(Path certificatePem, Path keyPem) {
    clientCertificate = Objects.requireNonNull(certificatePem, "certificatePem");
    clientKey = Objects.requireNonNull(keyPem, "keyPem");
    return this;
  }

  /**
   * How long a call with one answer may take, retries included. Subscriptions have no such bound.
   *
   * @param timeout more than 0; the default is 10 s
   * @return this
   */
  public ClientBuilder callTimeout(Duration timeout) {
    if (timeout.isNegative() || timeout.isZero()) {
      throw new IllegalArgumentException("the timeout must be more than 0: " + timeout);
    }
    callTimeout = timeout;
    return this;
  }

  /**
   * How calls with one answer are retried. Subscriptions have a policy of their own.
   *
   * @param policy the policy; the default is {@link RetryPolicy#DEFAULT}, bounded by the timeout
   * @return this
   */
  public ClientBuilder retry(RetryPolicy policy) {
    retry = Objects.requireNonNull(policy, "policy");
    return this;
  }

  /**
   * Makes the client. Nothing is sent before the first call.
   *
   * @return the client, to be closed
   * @throws IllegalStateException when certificates are given for a plain text connection
   * @throws UncheckedIOException when a certificate file cannot be read
   */
  public Client build() {
    ChannelCredentials security = channelCredentials();
    return new Client(new Connections(() -> connect(security), credentials), credentials, retry, callTimeout);
  }

  private ChannelCredentials channelCredentials() {
    if (!url.tls()) {
      if (caCertificate != null || clientCertificate != null) {
        throw new IllegalStateException("certificates need an https:// URL");
      }
      return InsecureChannelCredentials.create();
    }
    TlsChannelCredentials.Builder tls = TlsChannelCredentials.newBuilder();
    try {
      if (caCertificate != null) {
        tls.trustManager(caCertificate.toFile());
      }
      if (clientCertificate != null) {
        tls.keyManager(clientCertificate.toFile(), clientKey.toFile());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return tls.build();
  }

  private ManagedChannel connect(ChannelCredentials security) {
    return NettyChannelBuilder.forAddress(url.host(), url.port(), security)
        .withOption(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) CONNECT_TIMEOUT.toMillis())
        .keepAliveTime(PING_INTERVAL.toMillis(), TimeUnit.MILLISECONDS)
        .keepAliveTimeout(PING_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
        .maxInboundMessageSize(MAX_MESSAGE_BYTES)
        .disableRetry()
        .userAgent(USER_AGENT)
        .build();
  }
}
