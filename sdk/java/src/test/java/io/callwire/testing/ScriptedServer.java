package io.callwire.testing;

import io.callwire.v1.GetLogInfoRequest;
import io.callwire.v1.GetLogInfoResponse;
import io.callwire.v1.IngestServiceGrpc;
import io.callwire.v1.PublishEventsRequest;
import io.callwire.v1.PublishEventsResponse;
import io.callwire.v1.SubscribeRequest;
import io.callwire.v1.SubscribeResponse;
import io.callwire.v1.SubscriptionServiceGrpc;
import io.grpc.InsecureServerCredentials;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerCredentials;
import io.grpc.ServerInterceptor;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.IntFunction;

/**
 * A gRPC server that plays the first script to the first stream, the second to the second, and the last to all further
 * ones. Calls with one answer are answered by a function of their number, from 0, which may throw.
 */
public final class ScriptedServer extends SubscriptionServiceGrpc.SubscriptionServiceImplBase
    implements AutoCloseable {
  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

  private final List<Script> scripts;
  private final Server server;
  private final String scheme;
  private final List<SubscribeRequest> requests = new CopyOnWriteArrayList<>();
  private final List<String> authorizations = new CopyOnWriteArrayList<>();
  private volatile IntFunction<GetLogInfoResponse> logInfo = call -> GetLogInfoResponse.getDefaultInstance();
  private volatile IntFunction<PublishEventsResponse> publish = call -> PublishEventsResponse.getDefaultInstance();
  private int calls;

  private ScriptedServer(String scheme, ServerCredentials credentials, List<Script> scripts) throws IOException {
    this.scheme = scheme;
    this.scripts = scripts;
    server =
        NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0), credentials)
            .addService(this)
            .addService(new Ingest())
            .intercept(new Authorizations())
            .build()
            .start();
  }

  /** Serves on a free port, in plain text. */
  public static ScriptedServer start(Script... scripts) throws IOException {
    return new ScriptedServer("http", InsecureServerCredentials.create(), List.of(scripts));
  }

  /** Serves on a free port, with TLS. */
  public static ScriptedServer start(ServerCredentials tls, Script... scripts) throws IOException {
    return new ScriptedServer("https", tls, List.of(scripts));
  }

  public String url() {
    return scheme + "://127.0.0.1:" + server.getPort();
  }

  public ScriptedServer answerLogInfo(IntFunction<GetLogInfoResponse> answer) {
    logInfo = answer;
    return this;
  }

  public ScriptedServer answerPublish(IntFunction<PublishEventsResponse> answer) {
    publish = answer;
    return this;
  }

  /** Those of the streams so far. */
  public List<SubscribeRequest> requests() {
    return requests;
  }

  /** What came as {@code authorization}, one a call and stream; empty where none came. */
  public List<String> authorizations() {
    return authorizations;
  }

  /** How many calls with one answer were made. */
  public synchronized int calls() {
    return calls;
  }

  private synchronized int nextCall() {
    return calls++;
  }

  @Override
  public void subscribe(SubscribeRequest request, StreamObserver<SubscribeResponse> stream) {
    Script script = nextScript(request);
    script.responses().forEach(stream::onNext);
    if (script.failure() != null) {
      stream.onError(script.failure());
    } else if (!script.stays()) {
      stream.onCompleted();
    }
  }

  private synchronized Script nextScript(SubscribeRequest request) {
    Script script = scripts.get(Math.min(requests.size(), scripts.size() - 1));
    requests.add(request);
    return script;
  }

  @Override
  public void getLogInfo(GetLogInfoRequest request, StreamObserver<GetLogInfoResponse> observer) {
    answer(logInfo, observer);
  }

  private <R> void answer(IntFunction<R> answers, StreamObserver<R> observer) {
    R response;
    try {
      response = answers.apply(nextCall());
    } catch (StatusRuntimeException e) {
      observer.onError(e);
      return;
    }
    if (response != null) {
      observer.onNext(response);
      observer.onCompleted();
    }
  }

  @Override
  public void close() {
    server.shutdownNow();
  }

  private final class Ingest extends IngestServiceGrpc.IngestServiceImplBase {
    @Override
    public void publishEvents(PublishEventsRequest request, StreamObserver<PublishEventsResponse> observer) {
      answer(publish, observer);
    }
  }

  private final class Authorizations implements ServerInterceptor {
    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
      String value = headers.get(AUTHORIZATION);
      authorizations.add(value == null ? "" : value);
      return next.startCall(call, headers);
    }
  }
}
