package io.callwire.v1;

import static io.grpc.MethodDescriptor.generateFullMethodName;

/**
 * <pre>
 * Reads a tenant's journal. A cursor is `&lt;epoch&gt;-&lt;offset&gt;`: 8 hex digits that name this incarnation of the journal, a
 * hyphen and a decimal offset.
 * </pre>
 */
@io.grpc.stub.annotations.GrpcGenerated
public final class SubscriptionServiceGrpc {

  private SubscriptionServiceGrpc() {}

  public static final java.lang.String SERVICE_NAME = "callwire.v1.SubscriptionService";

  // Static method descriptors that strictly reflect the proto.
  private static volatile io.grpc.MethodDescriptor<io.callwire.v1.SubscribeRequest,
      io.callwire.v1.SubscribeResponse> getSubscribeMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "Subscribe",
      requestType = io.callwire.v1.SubscribeRequest.class,
      responseType = io.callwire.v1.SubscribeResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
  public static io.grpc.MethodDescriptor<io.callwire.v1.SubscribeRequest,
      io.callwire.v1.SubscribeResponse> getSubscribeMethod() {
    io.grpc.MethodDescriptor<io.callwire.v1.SubscribeRequest, io.callwire.v1.SubscribeResponse> getSubscribeMethod;
    if ((getSubscribeMethod = SubscriptionServiceGrpc.getSubscribeMethod) == null) {
      synchronized (SubscriptionServiceGrpc.class) {
        if ((getSubscribeMethod = SubscriptionServiceGrpc.getSubscribeMethod) == null) {
          SubscriptionServiceGrpc.getSubscribeMethod = getSubscribeMethod =
              io.grpc.MethodDescriptor.<io.callwire.v1.SubscribeRequest, io.callwire.v1.SubscribeResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "Subscribe"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.callwire.v1.SubscribeRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.callwire.v1.SubscribeResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SubscriptionServiceMethodDescriptorSupplier("Subscribe"))
              .build();
        }
      }
    }
    return getSubscribeMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.callwire.v1.ListEventsRequest,
      io.callwire.v1.ListEventsResponse> getListEventsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListEvents",
      requestType = io.callwire.v1.ListEventsRequest.class,
      responseType = io.callwire.v1.ListEventsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.callwire.v1.ListEventsRequest,
      io.callwire.v1.ListEventsResponse> getListEventsMethod() {
    io.grpc.MethodDescriptor<io.callwire.v1.ListEventsRequest, io.callwire.v1.ListEventsResponse> getListEventsMethod;
    if ((getListEventsMethod = SubscriptionServiceGrpc.getListEventsMethod) == null) {
      synchronized (SubscriptionServiceGrpc.class) {
        if ((getListEventsMethod = SubscriptionServiceGrpc.getListEventsMethod) == null) {
          SubscriptionServiceGrpc.getListEventsMethod = getListEventsMethod =
              io.grpc.MethodDescriptor.<io.callwire.v1.ListEventsRequest, io.callwire.v1.ListEventsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListEvents"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.callwire.v1.ListEventsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.callwire.v1.ListEventsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SubscriptionServiceMethodDescriptorSupplier("ListEvents"))
              .build();
        }
      }
    }
    return getListEventsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.callwire.v1.GetLogInfoRequest,
      io.callwire.v1.GetLogInfoResponse> getGetLogInfoMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetLogInfo",
      requestType = io.callwire.v1.GetLogInfoRequest.class,
      responseType = io.callwire.v1.GetLogInfoResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.callwire.v1.GetLogInfoRequest,
      io.callwire.v1.GetLogInfoResponse> getGetLogInfoMethod() {
    io.grpc.MethodDescriptor<io.callwire.v1.GetLogInfoRequest, io.callwire.v1.GetLogInfoResponse> getGetLogInfoMethod;
    if ((getGetLogInfoMethod = SubscriptionServiceGrpc.getGetLogInfoMethod) == null) {
      synchronized (SubscriptionServiceGrpc.class) {
        if ((getGetLogInfoMethod = SubscriptionServiceGrpc.getGetLogInfoMethod) == null) {
          SubscriptionServiceGrpc.getGetLogInfoMethod = getGetLogInfoMethod =
              io.grpc.MethodDescriptor.<io.callwire.v1.GetLogInfoRequest, io.callwire.v1.GetLogInfoResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetLogInfo"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.callwire.v1.GetLogInfoRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.callwire.v1.GetLogInfoResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SubscriptionServiceMethodDescriptorSupplier("GetLogInfo"))
              .build();
        }
      }
    }
    return getGetLogInfoMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.callwire.v1.ExplainEventRequest,
      io.callwire.v1.ExplainEventResponse> getExplainEventMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ExplainEvent",
      requestType = io.callwire.v1.ExplainEventRequest.class,
      responseType = io.callwire.v1.ExplainEventResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.callwire.v1.ExplainEventRequest,
      io.callwire.v1.ExplainEventResponse> getExplainEventMethod() {
    io.grpc.MethodDescriptor<io.callwire.v1.ExplainEventRequest, io.callwire.v1.ExplainEventResponse> getExplainEventMethod;
    if ((getExplainEventMethod = SubscriptionServiceGrpc.getExplainEventMethod) == null) {
      synchronized (SubscriptionServiceGrpc.class) {
        if ((getExplainEventMethod = SubscriptionServiceGrpc.getExplainEventMethod) == null) {
          SubscriptionServiceGrpc.getExplainEventMethod = getExplainEventMethod =
              io.grpc.MethodDescriptor.<io.callwire.v1.ExplainEventRequest, io.callwire.v1.ExplainEventResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ExplainEvent"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.callwire.v1.ExplainEventRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.callwire.v1.ExplainEventResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SubscriptionServiceMethodDescriptorSupplier("ExplainEvent"))
              .build();
        }
      }
    }
    return getExplainEventMethod;
  }

  /**
   * Creates a new async stub that supports all call types for the service
   */
  public static SubscriptionServiceStub newStub(io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<SubscriptionServiceStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<SubscriptionServiceStub>() {
        @java.lang.Override
        public SubscriptionServiceStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new SubscriptionServiceStub(channel, callOptions);
        }
      };
    return SubscriptionServiceStub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports all types of calls on the service
   */
  public static SubscriptionServiceBlockingV2Stub newBlockingV2Stub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<SubscriptionServiceBlockingV2Stub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<SubscriptionServiceBlockingV2Stub>() {
        @java.lang.Override
        public SubscriptionServiceBlockingV2Stub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new SubscriptionServiceBlockingV2Stub(channel, callOptions);
        }
      };
    return SubscriptionServiceBlockingV2Stub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports unary and streaming output calls on the service
   */
  public static SubscriptionServiceBlockingStub newBlockingStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<SubscriptionServiceBlockingStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<SubscriptionServiceBlockingStub>() {
        @java.lang.Override
        public SubscriptionServiceBlockingStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new SubscriptionServiceBlockingStub(channel, callOptions);
        }
      };
    return SubscriptionServiceBlockingStub.newStub(factory, channel);
  }

  /**
   * Creates a new ListenableFuture-style stub that supports unary calls on the service
   */
  public static SubscriptionServiceFutureStub newFutureStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<SubscriptionServiceFutureStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<SubscriptionServiceFutureStub>() {
        @java.lang.Override
        public SubscriptionServiceFutureStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new SubscriptionServiceFutureStub(channel, callOptions);
        }
      };
    return SubscriptionServiceFutureStub.newStub(factory, channel);
  }

  /**
   * <pre>
   * Reads a tenant's journal. A cursor is `&lt;epoch&gt;-&lt;offset&gt;`: 8 hex digits that name this incarnation of the journal, a
   * hyphen and a decimal offset.
   * </pre>
   */
  public interface AsyncService {

    /**
     * <pre>
     * Streams the events that match, from a start position on, in offset order, each exactly once within the stream. The
     * first response is sent at once, also when there is no event yet. The stream ends with OK only when it is bounded
     * (`end_cursor`, `end_time`); when the gateway shuts down it sends `going_away`, then UNAVAILABLE with RetryInfo.
     * Errors: INVALID_ARGUMENT (a field), OUT_OF_RANGE CURSOR_EXPIRED or CURSOR_AHEAD, FAILED_PRECONDITION EPOCH_MISMATCH,
     * NOT_FOUND UNKNOWN_TENANT, UNAVAILABLE with RetryInfo.
     * </pre>
     */
    default void subscribe(io.callwire.v1.SubscribeRequest request,
        io.grpc.stub.StreamObserver<io.callwire.v1.SubscribeResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getSubscribeMethod(), responseObserver);
    }

    /**
     * <pre>
     * Reads a bounded range of history, paged, in both directions, with the same filters. A page may be empty and have a
     * token. Errors: as Subscribe, and INVALID_ARGUMENT INVALID_PAGE_TOKEN or PAGE_TOKEN_MISMATCH.
     * </pre>
     */
    default void listEvents(io.callwire.v1.ListEventsRequest request,
        io.grpc.stub.StreamObserver<io.callwire.v1.ListEventsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListEventsMethod(), responseObserver);
    }

    /**
     * <pre>
     * Says what the journal holds, and the limits in force. Errors: NOT_FOUND UNKNOWN_TENANT.
     * </pre>
     */
    default void getLogInfo(io.callwire.v1.GetLogInfoRequest request,
        io.grpc.stub.StreamObserver<io.callwire.v1.GetLogInfoResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetLogInfoMethod(), responseObserver);
    }

    /**
     * <pre>
     * Explains, for one event and some filters, which condition matched or failed and on which value. Errors:
     * INVALID_ARGUMENT, NOT_FOUND when no event has the cursor, OUT_OF_RANGE CURSOR_EXPIRED, FAILED_PRECONDITION
     * EPOCH_MISMATCH.
     * </pre>
     */
    default void explainEvent(io.callwire.v1.ExplainEventRequest request,
        io.grpc.stub.StreamObserver<io.callwire.v1.ExplainEventResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getExplainEventMethod(), responseObserver);
    }
  }

  /**
   * Base class for the server implementation of the service SubscriptionService.
   * <pre>
   * Reads a tenant's journal. A cursor is `&lt;epoch&gt;-&lt;offset&gt;`: 8 hex digits that name this incarnation of the journal, a
   * hyphen and a decimal offset.
   * </pre>
   */
  public static abstract class SubscriptionServiceImplBase
      implements io.grpc.BindableService, AsyncService {

    @java.lang.Override public final io.grpc.ServerServiceDefinition bindService() {
      return SubscriptionServiceGrpc.bindService(this);
    }
  }

  /**
   * A stub to allow clients to do asynchronous rpc calls to service SubscriptionService.
   * <pre>
   * Reads a tenant's journal. A cursor is `&lt;epoch&gt;-&lt;offset&gt;`: 8 hex digits that name this incarnation of the journal, a
   * hyphen and a decimal offset.
   * </pre>
   */
  public static final class SubscriptionServiceStub
      extends io.grpc.stub.AbstractAsyncStub<SubscriptionServiceStub> {
    private SubscriptionServiceStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected SubscriptionServiceStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new SubscriptionServiceStub(channel, callOptions);
    }

    /**
     * <pre>
     * Streams the events that match, from a start position on, in offset order, each exactly once within the stream. The
     * first response is sent at once, also when there is no event yet. The stream ends with OK only when it is bounded
     * (`end_cursor`, `end_time`); when the gateway shuts down it sends `going_away`, then UNAVAILABLE with RetryInfo.
     * Errors: INVALID_ARGUMENT (a field), OUT_OF_RANGE CURSOR_EXPIRED or CURSOR_AHEAD, FAILED_PRECONDITION EPOCH_MISMATCH,
     * NOT_FOUND UNKNOWN_TENANT, UNAVAILABLE with RetryInfo.
     * </pre>
     */
    public void subscribe(io.callwire.v1.SubscribeRequest request,
        io.grpc.stub.StreamObserver<io.callwire.v1.SubscribeResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncServerStreamingCall(
          getChannel().newCall(getSubscribeMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Reads a bounded range of history, paged, in both directions, with the same filters. A page may be empty and have a
     * token. Errors: as Subscribe, and INVALID_ARGUMENT INVALID_PAGE_TOKEN or PAGE_TOKEN_MISMATCH.
     * </pre>
     */
    public void listEvents(io.callwire.v1.ListEventsRequest request,
        io.grpc.stub.StreamObserver<io.callwire.v1.ListEventsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListEventsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Says what the journal holds, and the limits in force. Errors: NOT_FOUND UNKNOWN_TENANT.
     * </pre>
     */
    public void getLogInfo(io.callwire.v1.GetLogInfoRequest request,
        io.grpc.stub.StreamObserver<io.callwire.v1.GetLogInfoResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetLogInfoMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Explains, for one event and some filters, which condition matched or failed and on which value. Errors:
     * INVALID_ARGUMENT, NOT_FOUND when no event has the cursor, OUT_OF_RANGE CURSOR_EXPIRED, FAILED_PRECONDITION
     * EPOCH_MISMATCH.
     * </pre>
     */
    public void explainEvent(io.callwire.v1.ExplainEventRequest request,
        io.grpc.stub.StreamObserver<io.callwire.v1.ExplainEventResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getExplainEventMethod(), getCallOptions()), request, responseObserver);
    }
  }

  /**
   * A stub to allow clients to do synchronous rpc calls to service SubscriptionService.
   * <pre>
   * Reads a tenant's journal. A cursor is `&lt;epoch&gt;-&lt;offset&gt;`: 8 hex digits that name this incarnation of the journal, a
   * hyphen and a decimal offset.
   * </pre>
   */
  public static final class SubscriptionServiceBlockingV2Stub
      extends io.grpc.stub.AbstractBlockingStub<SubscriptionServiceBlockingV2Stub> {
    private SubscriptionServiceBlockingV2Stub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected SubscriptionServiceBlockingV2Stub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new SubscriptionServiceBlockingV2Stub(channel, callOptions);
    }

    /**
     * <pre>
     * Streams the events that match, from a start position on, in offset order, each exactly once within the stream. The
     * first response is sent at once, also when there is no event yet. The stream ends with OK only when it is bounded
     * (`end_cursor`, `end_time`); when the gateway shuts down it sends `going_away`, then UNAVAILABLE with RetryInfo.
     * Errors: INVALID_ARGUMENT (a field), OUT_OF_RANGE CURSOR_EXPIRED or CURSOR_AHEAD, FAILED_PRECONDITION EPOCH_MISMATCH,
     * NOT_FOUND UNKNOWN_TENANT, UNAVAILABLE with RetryInfo.
     * </pre>
     */
    @io.grpc.ExperimentalApi("https://github.com/grpc/grpc-java/issues/10918")
    public io.grpc.stub.BlockingClientCall<?, io.callwire.v1.SubscribeResponse>
        subscribe(io.callwire.v1.SubscribeRequest request) {
      return io.grpc.stub.ClientCalls.blockingV2ServerStreamingCall(
          getChannel(), getSubscribeMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Reads a bounded range of history, paged, in both directions, with the same filters. A page may be empty and have a
     * token. Errors: as Subscribe, and INVALID_ARGUMENT INVALID_PAGE_TOKEN or PAGE_TOKEN_MISMATCH.
     * </pre>
     */
    public io.callwire.v1.ListEventsResponse listEvents(io.callwire.v1.ListEventsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListEventsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Says what the journal holds, and the limits in force. Errors: NOT_FOUND UNKNOWN_TENANT.
     * </pre>
     */
    public io.callwire.v1.GetLogInfoResponse getLogInfo(io.callwire.v1.GetLogInfoRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetLogInfoMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Explains, for one event and some filters, which condition matched or failed and on which value. Errors:
     * INVALID_ARGUMENT, NOT_FOUND when no event has the cursor, OUT_OF_RANGE CURSOR_EXPIRED, FAILED_PRECONDITION
     * EPOCH_MISMATCH.
     * </pre>
     */
    public io.callwire.v1.ExplainEventResponse explainEvent(io.callwire.v1.ExplainEventRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getExplainEventMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do limited synchronous rpc calls to service SubscriptionService.
   * <pre>
   * Reads a tenant's journal. A cursor is `&lt;epoch&gt;-&lt;offset&gt;`: 8 hex digits that name this incarnation of the journal, a
   * hyphen and a decimal offset.
   * </pre>
   */
  public static final class SubscriptionServiceBlockingStub
      extends io.grpc.stub.AbstractBlockingStub<SubscriptionServiceBlockingStub> {
    private SubscriptionServiceBlockingStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected SubscriptionServiceBlockingStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new SubscriptionServiceBlockingStub(channel, callOptions);
    }

    /**
     * <pre>
     * Streams the events that match, from a start position on, in offset order, each exactly once within the stream. The
     * first response is sent at once, also when there is no event yet. The stream ends with OK only when it is bounded
     * (`end_cursor`, `end_time`); when the gateway shuts down it sends `going_away`, then UNAVAILABLE with RetryInfo.
     * Errors: INVALID_ARGUMENT (a field), OUT_OF_RANGE CURSOR_EXPIRED or CURSOR_AHEAD, FAILED_PRECONDITION EPOCH_MISMATCH,
     * NOT_FOUND UNKNOWN_TENANT, UNAVAILABLE with RetryInfo.
     * </pre>
     */
    public java.util.Iterator<io.callwire.v1.SubscribeResponse> subscribe(
        io.callwire.v1.SubscribeRequest request) {
      return io.grpc.stub.ClientCalls.blockingServerStreamingCall(
          getChannel(), getSubscribeMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Reads a bounded range of history, paged, in both directions, with the same filters. A page may be empty and have a
     * token. Errors: as Subscribe, and INVALID_ARGUMENT INVALID_PAGE_TOKEN or PAGE_TOKEN_MISMATCH.
     * </pre>
     */
    public io.callwire.v1.ListEventsResponse listEvents(io.callwire.v1.ListEventsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListEventsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Says what the journal holds, and the limits in force. Errors: NOT_FOUND UNKNOWN_TENANT.
     * </pre>
     */
    public io.callwire.v1.GetLogInfoResponse getLogInfo(io.callwire.v1.GetLogInfoRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetLogInfoMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Explains, for one event and some filters, which condition matched or failed and on which value. Errors:
     * INVALID_ARGUMENT, NOT_FOUND when no event has the cursor, OUT_OF_RANGE CURSOR_EXPIRED, FAILED_PRECONDITION
     * EPOCH_MISMATCH.
     * </pre>
     */
    public io.callwire.v1.ExplainEventResponse explainEvent(io.callwire.v1.ExplainEventRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getExplainEventMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do ListenableFuture-style rpc calls to service SubscriptionService.
   * <pre>
   * Reads a tenant's journal. A cursor is `&lt;epoch&gt;-&lt;offset&gt;`: 8 hex digits that name this incarnation of the journal, a
   * hyphen and a decimal offset.
   * </pre>
   */
  public static final class SubscriptionServiceFutureStub
      extends io.grpc.stub.AbstractFutureStub<SubscriptionServiceFutureStub> {
    private SubscriptionServiceFutureStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected SubscriptionServiceFutureStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new SubscriptionServiceFutureStub(channel, callOptions);
    }

    /**
     * <pre>
     * Reads a bounded range of history, paged, in both directions, with the same filters. A page may be empty and have a
     * token. Errors: as Subscribe, and INVALID_ARGUMENT INVALID_PAGE_TOKEN or PAGE_TOKEN_MISMATCH.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.callwire.v1.ListEventsResponse> listEvents(
        io.callwire.v1.ListEventsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListEventsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Says what the journal holds, and the limits in force. Errors: NOT_FOUND UNKNOWN_TENANT.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.callwire.v1.GetLogInfoResponse> getLogInfo(
        io.callwire.v1.GetLogInfoRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetLogInfoMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Explains, for one event and some filters, which condition matched or failed and on which value. Errors:
     * INVALID_ARGUMENT, NOT_FOUND when no event has the cursor, OUT_OF_RANGE CURSOR_EXPIRED, FAILED_PRECONDITION
     * EPOCH_MISMATCH.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.callwire.v1.ExplainEventResponse> explainEvent(
        io.callwire.v1.ExplainEventRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getExplainEventMethod(), getCallOptions()), request);
    }
  }

  private static final int METHODID_SUBSCRIBE = 0;
  private static final int METHODID_LIST_EVENTS = 1;
  private static final int METHODID_GET_LOG_INFO = 2;
  private static final int METHODID_EXPLAIN_EVENT = 3;

  private static final class MethodHandlers<Req, Resp> implements
      io.grpc.stub.ServerCalls.UnaryMethod<Req, Resp>,
      io.grpc.stub.ServerCalls.ServerStreamingMethod<Req, Resp>,
      io.grpc.stub.ServerCalls.ClientStreamingMethod<Req, Resp>,
      io.grpc.stub.ServerCalls.BidiStreamingMethod<Req, Resp> {
    private final AsyncService serviceImpl;
    private final int methodId;

    MethodHandlers(AsyncService serviceImpl, int methodId) {
      this.serviceImpl = serviceImpl;
      this.methodId = methodId;
    }

    @java.lang.Override
    @java.lang.SuppressWarnings("unchecked")
    public void invoke(Req request, io.grpc.stub.StreamObserver<Resp> responseObserver) {
      switch (methodId) {
        case METHODID_SUBSCRIBE:
          serviceImpl.subscribe((io.callwire.v1.SubscribeRequest) request,
              (io.grpc.stub.StreamObserver<io.callwire.v1.SubscribeResponse>) responseObserver);
          break;
        case METHODID_LIST_EVENTS:
          serviceImpl.listEvents((io.callwire.v1.ListEventsRequest) request,
              (io.grpc.stub.StreamObserver<io.callwire.v1.ListEventsResponse>) responseObserver);
          break;
        case METHODID_GET_LOG_INFO:
          serviceImpl.getLogInfo((io.callwire.v1.GetLogInfoRequest) request,
              (io.grpc.stub.StreamObserver<io.callwire.v1.GetLogInfoResponse>) responseObserver);
          break;
        case METHODID_EXPLAIN_EVENT:
          serviceImpl.explainEvent((io.callwire.v1.ExplainEventRequest) request,
              (io.grpc.stub.StreamObserver<io.callwire.v1.ExplainEventResponse>) responseObserver);
          break;
        default:
          throw new AssertionError();
      }
    }

    @java.lang.Override
    @java.lang.SuppressWarnings("unchecked")
    public io.grpc.stub.StreamObserver<Req> invoke(
        io.grpc.stub.StreamObserver<Resp> responseObserver) {
      switch (methodId) {
        default:
          throw new AssertionError();
      }
    }
  }

  public static final io.grpc.ServerServiceDefinition bindService(AsyncService service) {
    return io.grpc.ServerServiceDefinition.builder(getServiceDescriptor())
        .addMethod(
          getSubscribeMethod(),
          io.grpc.stub.ServerCalls.asyncServerStreamingCall(
            new MethodHandlers<
              io.callwire.v1.SubscribeRequest,
              io.callwire.v1.SubscribeResponse>(
                service, METHODID_SUBSCRIBE)))
        .addMethod(
          getListEventsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.callwire.v1.ListEventsRequest,
              io.callwire.v1.ListEventsResponse>(
                service, METHODID_LIST_EVENTS)))
        .addMethod(
          getGetLogInfoMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.callwire.v1.GetLogInfoRequest,
              io.callwire.v1.GetLogInfoResponse>(
                service, METHODID_GET_LOG_INFO)))
        .addMethod(
          getExplainEventMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.callwire.v1.ExplainEventRequest,
              io.callwire.v1.ExplainEventResponse>(
                service, METHODID_EXPLAIN_EVENT)))
        .build();
  }

  private static abstract class SubscriptionServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoFileDescriptorSupplier, io.grpc.protobuf.ProtoServiceDescriptorSupplier {
    SubscriptionServiceBaseDescriptorSupplier() {}

    @java.lang.Override
    public com.google.protobuf.Descriptors.FileDescriptor getFileDescriptor() {
      return io.callwire.v1.SubscriptionProto.getDescriptor();
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.ServiceDescriptor getServiceDescriptor() {
      return getFileDescriptor().findServiceByName("SubscriptionService");
    }
  }

  private static final class SubscriptionServiceFileDescriptorSupplier
      extends SubscriptionServiceBaseDescriptorSupplier {
    SubscriptionServiceFileDescriptorSupplier() {}
  }

  private static final class SubscriptionServiceMethodDescriptorSupplier
      extends SubscriptionServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoMethodDescriptorSupplier {
    private final java.lang.String methodName;

    SubscriptionServiceMethodDescriptorSupplier(java.lang.String methodName) {
      this.methodName = methodName;
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.MethodDescriptor getMethodDescriptor() {
      return getServiceDescriptor().findMethodByName(methodName);
    }
  }

  private static volatile io.grpc.ServiceDescriptor serviceDescriptor;

  public static io.grpc.ServiceDescriptor getServiceDescriptor() {
    io.grpc.ServiceDescriptor result = serviceDescriptor;
    if (result == null) {
      synchronized (SubscriptionServiceGrpc.class) {
        result = serviceDescriptor;
        if (result == null) {
          serviceDescriptor = result = io.grpc.ServiceDescriptor.newBuilder(SERVICE_NAME)
              .setSchemaDescriptor(new SubscriptionServiceFileDescriptorSupplier())
              .addMethod(getSubscribeMethod())
              .addMethod(getListEventsMethod())
              .addMethod(getGetLogInfoMethod())
              .addMethod(getExplainEventMethod())
              .build();
        }
      }
    }
    return result;
  }
}
