package io.callwire;

import java.net.URI;

/** Where a gateway listens, and whether with TLS. */
record GatewayUrl(String host, int port, boolean tls) {
  static GatewayUrl parse(String url) {
    URI uri = URI.create(url);
    boolean tls = "https".equalsIgnoreCase(uri.getScheme());
    if (!tls && !"http".equalsIgnoreCase(uri.getScheme())) {
      throw new IllegalArgumentException("the URL must begin with http:// or https://: " + url);
    }
    if (uri.getHost() == null) {
      throw new IllegalArgumentException("the URL has no host: " + url);
    }
    boolean hasMore = uri.getRawQuery() != null || uri.getRawFragment() != null || uri.getRawUserInfo() != null;
    if (hasMore || !(uri.getRawPath().isEmpty() || uri.getRawPath().equals("/"))) {
      throw new IllegalArgumentException("the URL must hold host and port only: " + url);
    }
    int defaultPort = tls ? 443 : 80;
    return new GatewayUrl(uri.getHost(), uri.getPort() == -1 ? defaultPort : uri.getPort(), tls);
  }
}
