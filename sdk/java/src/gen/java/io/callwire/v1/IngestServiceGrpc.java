package io.callwire.v1;

import static io.grpc.MethodDescriptor.generateFullMethodName;

/**
 * <pre>
 * Accepts events. An OK answer is given only after everything accepted has reached the disk.
 * </pre>
 */
@io.grpc.stub.annotations.GrpcGenerated
public final class IngestServiceGrpc {

  private IngestServiceGrpc() {}

  public static final java.lang.String SERVICE_NAME = "callwire.v1.IngestService";

  // Static method descriptors that strictly reflect the proto.
  private static volatile io.grpc.MethodDescriptor<io.callwire.v1.PublishEventsRequest,
      io.callwire.v1.PublishEventsResponse> getPublishEventsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "PublishEvents",
      requestType = io.callwire.v1.PublishEventsRequest.class,
      responseType = io.callwire.v1.PublishEventsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.callwire.v1.PublishEventsRequest,
      io.callwire.v1.PublishEventsResponse> getPublishEventsMethod() {
    io.grpc.MethodDescriptor<io.callwire.v1.PublishEventsRequest, io.callwire.v1.PublishEventsResponse> getPublishEventsMethod;
    if ((getPublishEventsMethod = IngestServiceGrpc.getPublishEventsMethod) == null) {
      synchronized (IngestServiceGrpc.class) {
        if ((getPublishEventsMethod = IngestServiceGrpc.getPublishEventsMethod) == null) {
          IngestServiceGrpc.getPublishEventsMethod = getPublishEventsMethod =
              io.grpc.MethodDescriptor.<io.callwire.v1.PublishEventsRequest, io.callwire.v1.PublishEventsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "PublishEvents"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.callwire.v1.PublishEventsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.callwire.v1.PublishEventsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new IngestServiceMethodDescriptorSupplier("PublishEvents"))
              .build();
        }
      }
    }
    return getPublishEventsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.callwire.v1.PublishStreamRequest,
      io.callwire.v1.PublishStreamResponse> getPublishStreamMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "PublishStream",
      requestType = io.callwire.v1.PublishStreamRequest.class,
      responseType = io.callwire.v1.PublishStreamResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.BIDI_STREAMING)
  public static io.grpc.MethodDescriptor<io.callwire.v1.PublishStreamRequest,
      io.callwire.v1.PublishStreamResponse> getPublishStreamMethod() {
    io.grpc.MethodDescriptor<io.callwire.v1.PublishStreamRequest, io.callwire.v1.PublishStreamResponse> getPublishStreamMethod;
    if ((getPublishStreamMethod = IngestServiceGrpc.getPublishStreamMethod) == null) {
      synchronized (IngestServiceGrpc.class) {
        if ((getPublishStreamMethod = IngestServiceGrpc.getPublishStreamMethod) == null) {
          IngestServiceGrpc.getPublishStreamMethod = getPublishStreamMethod =
              io.grpc.MethodDescriptor.<io.callwire.v1.PublishStreamRequest, io.callwire.v1.PublishStreamResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.BIDI_STREAMING)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "PublishStream"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.callwire.v1.PublishStreamRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.callwire.v1.PublishStreamResponse.getDefaultInstance()))
              .setSchemaDescriptor(new IngestServiceMethodDescriptorSupplier("PublishStream"))
              .build();
        }
      }
    }
    return getPublishStreamMethod;
  }

  /**
   * Creates a new async stub that supports all call types for the service
   */
  public static IngestServiceStub newStub(io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<IngestServiceStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<IngestServiceStub>() {
        @java.lang.Override
        public IngestServiceStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new IngestServiceStub(channel, callOptions);
        }
      };
    return IngestServiceStub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports all types of calls on the service
   */
  public static IngestServiceBlockingV2Stub newBlockingV2Stub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<IngestServiceBlockingV2Stub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<IngestServiceBlockingV2Stub>() {
        @java.lang.Override
        public IngestServiceBlockingV2Stub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new IngestServiceBlockingV2Stub(channel, callOptions);
        }
      };
    return IngestServiceBlockingV2Stub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports unary and streaming output calls on the service
   */
  public static IngestServiceBlockingStub newBlockingStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<IngestServiceBlockingStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<IngestServiceBlockingStub>() {
        @java.lang.Override
        public IngestServiceBlockingStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new IngestServiceBlockingStub(channel, callOptions);
        }
      };
    return IngestServiceBlockingStub.newStub(factory, channel);
  }

  /**
   * Creates a new ListenableFuture-style stub that supports unary calls on the service
   */
  public static IngestServiceFutureStub newFutureStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<IngestServiceFutureStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<IngestServiceFutureStub>() {
        @java.lang.Override
        public IngestServiceFutureStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new IngestServiceFutureStub(channel, callOptions);
        }
      };
    return IngestServiceFutureStub.newStub(factory, channel);
  }

  /**
   * <pre>
   * Accepts events. An OK answer is given only after everything accepted has reached the disk.
   * </pre>
   */
  public interface AsyncService {

    /**
     * <pre>
     * Publishes a batch. Good items are taken whatever the others are; the answer has one result an item, in order.
     * Errors: INVALID_ARGUMENT with BadRequest (a field, UNKNOWN_FIELD, TOO_MANY_ITEMS), NOT_FOUND UNKNOWN_TENANT or
     * UNKNOWN_SOURCE, RESOURCE_EXHAUSTED BODY_TOO_LARGE, UNAVAILABLE with RetryInfo (OVERLOADED, STORAGE_FULL,
     * STORAGE_FAILED, GOING_AWAY): then nothing of the request was stored.
     * </pre>
     */
    default void publishEvents(io.callwire.v1.PublishEventsRequest request,
        io.grpc.stub.StreamObserver<io.callwire.v1.PublishEventsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getPublishEventsMethod(), responseObserver);
    }

    /**
     * <pre>
     * Publishes batches over one stream. Each request gets one response, in the order of the requests, once it is durable.
     * A sender may have several requests under way; the gateway stops reading while too many wait. Errors: as
     * PublishEvents; the error ends the stream, and what was acknowledged before stays.
     * </pre>
     */
    default io.grpc.stub.StreamObserver<io.callwire.v1.PublishStreamRequest> publishStream(
        io.grpc.stub.StreamObserver<io.callwire.v1.PublishStreamResponse> responseObserver) {
      return io.grpc.stub.ServerCalls.asyncUnimplementedStreamingCall(getPublishStreamMethod(), responseObserver);
    }
  }

  /**
   * Base class for the server implementation of the service IngestService.
   * <pre>
   * Accepts events. An OK answer is given only after everything accepted has reached the disk.
   * </pre>
   */
  public static abstract class IngestServiceImplBase
      implements io.grpc.BindableService, AsyncService {

    @java.lang.Override public final io.grpc.ServerServiceDefinition bindService() {
      return IngestServiceGrpc.bindService(this);
    }
  }

  /**
   * A stub to allow clients to do asynchronous rpc calls to service IngestService.
   * <pre>
   * Accepts events. An OK answer is given only after everything accepted has reached the disk.
   * </pre>
   */
  public static final class IngestServiceStub
      extends io.grpc.stub.AbstractAsyncStub<IngestServiceStub> {
    private IngestServiceStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected IngestServiceStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new IngestServiceStub(channel, callOptions);
    }

    /**
     * <pre>
     * Publishes a batch. Good items are taken whatever the others are; the answer has one result an item, in order.
     * Errors: INVALID_ARGUMENT with BadRequest (a field, UNKNOWN_FIELD, TOO_MANY_ITEMS), NOT_FOUND UNKNOWN_TENANT or
     * UNKNOWN_SOURCE, RESOURCE_EXHAUSTED BODY_TOO_LARGE, UNAVAILABLE with RetryInfo (OVERLOADED, STORAGE_FULL,
     * STORAGE_FAILED, GOING_AWAY): then nothing of the request was stored.
     * </pre>
     */
    public void publishEvents(io.callwire.v1.PublishEventsRequest request,
        io.grpc.stub.StreamObserver<io.callwire.v1.PublishEventsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getPublishEventsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Publishes batches over one stream. Each request gets one response, in the order of the requests, once it is durable.
     * A sender may have several requests under way; the gateway stops reading while too many wait. Errors: as
     * PublishEvents; the error ends the stream, and what was acknowledged before stays.
     * </pre>
     */
    public io.grpc.stub.StreamObserver<io.callwire.v1.PublishStreamRequest> publishStream(
        io.grpc.stub.StreamObserver<io.callwire.v1.PublishStreamResponse> responseObserver) {
      return io.grpc.stub.ClientCalls.asyncBidiStreamingCall(
          getChannel().newCall(getPublishStreamMethod(), getCallOptions()), responseObserver);
    }
  }

  /**
   * A stub to allow clients to do synchronous rpc calls to service IngestService.
   * <pre>
   * Accepts events. An OK answer is given only after everything accepted has reached the disk.
   * </pre>
   */
  public static final class IngestServiceBlockingV2Stub
      extends io.grpc.stub.AbstractBlockingStub<IngestServiceBlockingV2Stub> {
    private IngestServiceBlockingV2Stub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected IngestServiceBlockingV2Stub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new IngestServiceBlockingV2Stub(channel, callOptions);
    }

    /**
     * <pre>
     * Publishes a batch. Good items are taken whatever the others are; the answer has one result an item, in order.
     * Errors: INVALID_ARGUMENT with BadRequest (a field, UNKNOWN_FIELD, TOO_MANY_ITEMS), NOT_FOUND UNKNOWN_TENANT or
     * UNKNOWN_SOURCE, RESOURCE_EXHAUSTED BODY_TOO_LARGE, UNAVAILABLE with RetryInfo (OVERLOADED, STORAGE_FULL,
     * STORAGE_FAILED, GOING_AWAY): then nothing of the request was stored.
     * </pre>
     */
    public io.callwire.v1.PublishEventsResponse publishEvents(io.callwire.v1.PublishEventsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getPublishEventsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Publishes batches over one stream. Each request gets one response, in the order of the requests, once it is durable.
     * A sender may have several requests under way; the gateway stops reading while too many wait. Errors: as
     * PublishEvents; the error ends the stream, and what was acknowledged before stays.
     * </pre>
     */
    @io.grpc.ExperimentalApi("https://github.com/grpc/grpc-java/issues/10918")
    public io.grpc.stub.BlockingClientCall<io.callwire.v1.PublishStreamRequest, io.callwire.v1.PublishStreamResponse>
        publishStream() {
      return io.grpc.stub.ClientCalls.blockingBidiStreamingCall(
          getChannel(), getPublishStreamMethod(), getCallOptions());
    }
  }

  /**
   * A stub to allow clients to do limited synchronous rpc calls to service IngestService.
   * <pre>
   * Accepts events. An OK answer is given only after everything accepted has reached the disk.
   * </pre>
   */
  public static final class IngestServiceBlockingStub
      extends io.grpc.stub.AbstractBlockingStub<IngestServiceBlockingStub> {
    private IngestServiceBlockingStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected IngestServiceBlockingStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new IngestServiceBlockingStub(channel, callOptions);
    }

    /**
     * <pre>
     * Publishes a batch. Good items are taken whatever the others are; the answer has one result an item, in order.
     * Errors: INVALID_ARGUMENT with BadRequest (a field, UNKNOWN_FIELD, TOO_MANY_ITEMS), NOT_FOUND UNKNOWN_TENANT or
     * UNKNOWN_SOURCE, RESOURCE_EXHAUSTED BODY_TOO_LARGE, UNAVAILABLE with RetryInfo (OVERLOADED, STORAGE_FULL,
     * STORAGE_FAILED, GOING_AWAY): then nothing of the request was stored.
     * </pre>
     */
    public io.callwire.v1.PublishEventsResponse publishEvents(io.callwire.v1.PublishEventsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getPublishEventsMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do ListenableFuture-style rpc calls to service IngestService.
   * <pre>
   * Accepts events. An OK answer is given only after everything accepted has reached the disk.
   * </pre>
   */
  public static final class IngestServiceFutureStub
      extends io.grpc.stub.AbstractFutureStub<IngestServiceFutureStub> {
    private IngestServiceFutureStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected IngestServiceFutureStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new IngestServiceFutureStub(channel, callOptions);
    }

    /**
     * <pre>
     * Publishes a batch. Good items are taken whatever the others are; the answer has one result an item, in order.
     * Errors: INVALID_ARGUMENT with BadRequest (a field, UNKNOWN_FIELD, TOO_MANY_ITEMS), NOT_FOUND UNKNOWN_TENANT or
     * UNKNOWN_SOURCE, RESOURCE_EXHAUSTED BODY_TOO_LARGE, UNAVAILABLE with RetryInfo (OVERLOADED, STORAGE_FULL,
     * STORAGE_FAILED, GOING_AWAY): then nothing of the request was stored.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.callwire.v1.PublishEventsResponse> publishEvents(
        io.callwire.v1.PublishEventsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getPublishEventsMethod(), getCallOptions()), request);
    }
  }

  private static final int METHODID_PUBLISH_EVENTS = 0;
  private static final int METHODID_PUBLISH_STREAM = 1;

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
        case METHODID_PUBLISH_EVENTS:
          serviceImpl.publishEvents((io.callwire.v1.PublishEventsRequest) request,
              (io.grpc.stub.StreamObserver<io.callwire.v1.PublishEventsResponse>) responseObserver);
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
        case METHODID_PUBLISH_STREAM:
          return (io.grpc.stub.StreamObserver<Req>) serviceImpl.publishStream(
              (io.grpc.stub.StreamObserver<io.callwire.v1.PublishStreamResponse>) responseObserver);
        default:
          throw new AssertionError();
      }
    }
  }

  public static final io.grpc.ServerServiceDefinition bindService(AsyncService service) {
    return io.grpc.ServerServiceDefinition.builder(getServiceDescriptor())
        .addMethod(
          getPublishEventsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.callwire.v1.PublishEventsRequest,
              io.callwire.v1.PublishEventsResponse>(
                service, METHODID_PUBLISH_EVENTS)))
        .addMethod(
          getPublishStreamMethod(),
          io.grpc.stub.ServerCalls.asyncBidiStreamingCall(
            new MethodHandlers<
              io.callwire.v1.PublishStreamRequest,
              io.callwire.v1.PublishStreamResponse>(
                service, METHODID_PUBLISH_STREAM)))
        .build();
  }

  private static abstract class IngestServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoFileDescriptorSupplier, io.grpc.protobuf.ProtoServiceDescriptorSupplier {
    IngestServiceBaseDescriptorSupplier() {}

    @java.lang.Override
    public com.google.protobuf.Descriptors.FileDescriptor getFileDescriptor() {
      return io.callwire.v1.IngestProto.getDescriptor();
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.ServiceDescriptor getServiceDescriptor() {
      return getFileDescriptor().findServiceByName("IngestService");
    }
  }

  private static final class IngestServiceFileDescriptorSupplier
      extends IngestServiceBaseDescriptorSupplier {
    IngestServiceFileDescriptorSupplier() {}
  }

  private static final class IngestServiceMethodDescriptorSupplier
      extends IngestServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoMethodDescriptorSupplier {
    private final java.lang.String methodName;

    IngestServiceMethodDescriptorSupplier(java.lang.String methodName) {
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
      synchronized (IngestServiceGrpc.class) {
        result = serviceDescriptor;
        if (result == null) {
          serviceDescriptor = result = io.grpc.ServiceDescriptor.newBuilder(SERVICE_NAME)
              .setSchemaDescriptor(new IngestServiceFileDescriptorSupplier())
              .addMethod(getPublishEventsMethod())
              .addMethod(getPublishStreamMethod())
              .build();
        }
      }
    }
    return result;
  }
}
