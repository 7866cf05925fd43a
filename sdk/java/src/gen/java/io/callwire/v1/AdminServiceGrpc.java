package io.callwire.v1;

import static io.grpc.MethodDescriptor.generateFullMethodName;

/**
 * <pre>
 * Operates a gateway.
 * </pre>
 */
@io.grpc.stub.annotations.GrpcGenerated
public final class AdminServiceGrpc {

  private AdminServiceGrpc() {}

  public static final java.lang.String SERVICE_NAME = "callwire.v1.AdminService";

  // Static method descriptors that strictly reflect the proto.
  private static volatile io.grpc.MethodDescriptor<io.callwire.v1.ListQuarantinedEventsRequest,
      io.callwire.v1.ListQuarantinedEventsResponse> getListQuarantinedEventsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListQuarantinedEvents",
      requestType = io.callwire.v1.ListQuarantinedEventsRequest.class,
      responseType = io.callwire.v1.ListQuarantinedEventsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.callwire.v1.ListQuarantinedEventsRequest,
      io.callwire.v1.ListQuarantinedEventsResponse> getListQuarantinedEventsMethod() {
    io.grpc.MethodDescriptor<io.callwire.v1.ListQuarantinedEventsRequest, io.callwire.v1.ListQuarantinedEventsResponse> getListQuarantinedEventsMethod;
    if ((getListQuarantinedEventsMethod = AdminServiceGrpc.getListQuarantinedEventsMethod) == null) {
      synchronized (AdminServiceGrpc.class) {
        if ((getListQuarantinedEventsMethod = AdminServiceGrpc.getListQuarantinedEventsMethod) == null) {
          AdminServiceGrpc.getListQuarantinedEventsMethod = getListQuarantinedEventsMethod =
              io.grpc.MethodDescriptor.<io.callwire.v1.ListQuarantinedEventsRequest, io.callwire.v1.ListQuarantinedEventsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListQuarantinedEvents"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.callwire.v1.ListQuarantinedEventsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.callwire.v1.ListQuarantinedEventsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new AdminServiceMethodDescriptorSupplier("ListQuarantinedEvents"))
              .build();
        }
      }
    }
    return getListQuarantinedEventsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.callwire.v1.GetQuarantinedEventRequest,
      io.callwire.v1.GetQuarantinedEventResponse> getGetQuarantinedEventMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetQuarantinedEvent",
      requestType = io.callwire.v1.GetQuarantinedEventRequest.class,
      responseType = io.callwire.v1.GetQuarantinedEventResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.callwire.v1.GetQuarantinedEventRequest,
      io.callwire.v1.GetQuarantinedEventResponse> getGetQuarantinedEventMethod() {
    io.grpc.MethodDescriptor<io.callwire.v1.GetQuarantinedEventRequest, io.callwire.v1.GetQuarantinedEventResponse> getGetQuarantinedEventMethod;
    if ((getGetQuarantinedEventMethod = AdminServiceGrpc.getGetQuarantinedEventMethod) == null) {
      synchronized (AdminServiceGrpc.class) {
        if ((getGetQuarantinedEventMethod = AdminServiceGrpc.getGetQuarantinedEventMethod) == null) {
          AdminServiceGrpc.getGetQuarantinedEventMethod = getGetQuarantinedEventMethod =
              io.grpc.MethodDescriptor.<io.callwire.v1.GetQuarantinedEventRequest, io.callwire.v1.GetQuarantinedEventResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetQuarantinedEvent"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.callwire.v1.GetQuarantinedEventRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.callwire.v1.GetQuarantinedEventResponse.getDefaultInstance()))
              .setSchemaDescriptor(new AdminServiceMethodDescriptorSupplier("GetQuarantinedEvent"))
              .build();
        }
      }
    }
    return getGetQuarantinedEventMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.callwire.v1.RetryQuarantinedEventsRequest,
      io.callwire.v1.RetryQuarantinedEventsResponse> getRetryQuarantinedEventsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "RetryQuarantinedEvents",
      requestType = io.callwire.v1.RetryQuarantinedEventsRequest.class,
      responseType = io.callwire.v1.RetryQuarantinedEventsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.callwire.v1.RetryQuarantinedEventsRequest,
      io.callwire.v1.RetryQuarantinedEventsResponse> getRetryQuarantinedEventsMethod() {
    io.grpc.MethodDescriptor<io.callwire.v1.RetryQuarantinedEventsRequest, io.callwire.v1.RetryQuarantinedEventsResponse> getRetryQuarantinedEventsMethod;
    if ((getRetryQuarantinedEventsMethod = AdminServiceGrpc.getRetryQuarantinedEventsMethod) == null) {
      synchronized (AdminServiceGrpc.class) {
        if ((getRetryQuarantinedEventsMethod = AdminServiceGrpc.getRetryQuarantinedEventsMethod) == null) {
          AdminServiceGrpc.getRetryQuarantinedEventsMethod = getRetryQuarantinedEventsMethod =
              io.grpc.MethodDescriptor.<io.callwire.v1.RetryQuarantinedEventsRequest, io.callwire.v1.RetryQuarantinedEventsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "RetryQuarantinedEvents"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.callwire.v1.RetryQuarantinedEventsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.callwire.v1.RetryQuarantinedEventsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new AdminServiceMethodDescriptorSupplier("RetryQuarantinedEvents"))
              .build();
        }
      }
    }
    return getRetryQuarantinedEventsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.callwire.v1.DiscardQuarantinedEventsRequest,
      io.callwire.v1.DiscardQuarantinedEventsResponse> getDiscardQuarantinedEventsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "DiscardQuarantinedEvents",
      requestType = io.callwire.v1.DiscardQuarantinedEventsRequest.class,
      responseType = io.callwire.v1.DiscardQuarantinedEventsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.callwire.v1.DiscardQuarantinedEventsRequest,
      io.callwire.v1.DiscardQuarantinedEventsResponse> getDiscardQuarantinedEventsMethod() {
    io.grpc.MethodDescriptor<io.callwire.v1.DiscardQuarantinedEventsRequest, io.callwire.v1.DiscardQuarantinedEventsResponse> getDiscardQuarantinedEventsMethod;
    if ((getDiscardQuarantinedEventsMethod = AdminServiceGrpc.getDiscardQuarantinedEventsMethod) == null) {
      synchronized (AdminServiceGrpc.class) {
        if ((getDiscardQuarantinedEventsMethod = AdminServiceGrpc.getDiscardQuarantinedEventsMethod) == null) {
          AdminServiceGrpc.getDiscardQuarantinedEventsMethod = getDiscardQuarantinedEventsMethod =
              io.grpc.MethodDescriptor.<io.callwire.v1.DiscardQuarantinedEventsRequest, io.callwire.v1.DiscardQuarantinedEventsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "DiscardQuarantinedEvents"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.callwire.v1.DiscardQuarantinedEventsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.callwire.v1.DiscardQuarantinedEventsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new AdminServiceMethodDescriptorSupplier("DiscardQuarantinedEvents"))
              .build();
        }
      }
    }
    return getDiscardQuarantinedEventsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.callwire.v1.CreateApiKeyRequest,
      io.callwire.v1.CreateApiKeyResponse> getCreateApiKeyMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "CreateApiKey",
      requestType = io.callwire.v1.CreateApiKeyRequest.class,
      responseType = io.callwire.v1.CreateApiKeyResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.callwire.v1.CreateApiKeyRequest,
      io.callwire.v1.CreateApiKeyResponse> getCreateApiKeyMethod() {
    io.grpc.MethodDescriptor<io.callwire.v1.CreateApiKeyRequest, io.callwire.v1.CreateApiKeyResponse> getCreateApiKeyMethod;
    if ((getCreateApiKeyMethod = AdminServiceGrpc.getCreateApiKeyMethod) == null) {
      synchronized (AdminServiceGrpc.class) {
        if ((getCreateApiKeyMethod = AdminServiceGrpc.getCreateApiKeyMethod) == null) {
          AdminServiceGrpc.getCreateApiKeyMethod = getCreateApiKeyMethod =
              io.grpc.MethodDescriptor.<io.callwire.v1.CreateApiKeyRequest, io.callwire.v1.CreateApiKeyResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "CreateApiKey"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.callwire.v1.CreateApiKeyRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.callwire.v1.CreateApiKeyResponse.getDefaultInstance()))
              .setSchemaDescriptor(new AdminServiceMethodDescriptorSupplier("CreateApiKey"))
              .build();
        }
      }
    }
    return getCreateApiKeyMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.callwire.v1.ListApiKeysRequest,
      io.callwire.v1.ListApiKeysResponse> getListApiKeysMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListApiKeys",
      requestType = io.callwire.v1.ListApiKeysRequest.class,
      responseType = io.callwire.v1.ListApiKeysResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.callwire.v1.ListApiKeysRequest,
      io.callwire.v1.ListApiKeysResponse> getListApiKeysMethod() {
    io.grpc.MethodDescriptor<io.callwire.v1.ListApiKeysRequest, io.callwire.v1.ListApiKeysResponse> getListApiKeysMethod;
    if ((getListApiKeysMethod = AdminServiceGrpc.getListApiKeysMethod) == null) {
      synchronized (AdminServiceGrpc.class) {
        if ((getListApiKeysMethod = AdminServiceGrpc.getListApiKeysMethod) == null) {
          AdminServiceGrpc.getListApiKeysMethod = getListApiKeysMethod =
              io.grpc.MethodDescriptor.<io.callwire.v1.ListApiKeysRequest, io.callwire.v1.ListApiKeysResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListApiKeys"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.callwire.v1.ListApiKeysRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.callwire.v1.ListApiKeysResponse.getDefaultInstance()))
              .setSchemaDescriptor(new AdminServiceMethodDescriptorSupplier("ListApiKeys"))
              .build();
        }
      }
    }
    return getListApiKeysMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.callwire.v1.RevokeApiKeyRequest,
      io.callwire.v1.RevokeApiKeyResponse> getRevokeApiKeyMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "RevokeApiKey",
      requestType = io.callwire.v1.RevokeApiKeyRequest.class,
      responseType = io.callwire.v1.RevokeApiKeyResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.callwire.v1.RevokeApiKeyRequest,
      io.callwire.v1.RevokeApiKeyResponse> getRevokeApiKeyMethod() {
    io.grpc.MethodDescriptor<io.callwire.v1.RevokeApiKeyRequest, io.callwire.v1.RevokeApiKeyResponse> getRevokeApiKeyMethod;
    if ((getRevokeApiKeyMethod = AdminServiceGrpc.getRevokeApiKeyMethod) == null) {
      synchronized (AdminServiceGrpc.class) {
        if ((getRevokeApiKeyMethod = AdminServiceGrpc.getRevokeApiKeyMethod) == null) {
          AdminServiceGrpc.getRevokeApiKeyMethod = getRevokeApiKeyMethod =
              io.grpc.MethodDescriptor.<io.callwire.v1.RevokeApiKeyRequest, io.callwire.v1.RevokeApiKeyResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "RevokeApiKey"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.callwire.v1.RevokeApiKeyRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.callwire.v1.RevokeApiKeyResponse.getDefaultInstance()))
              .setSchemaDescriptor(new AdminServiceMethodDescriptorSupplier("RevokeApiKey"))
              .build();
        }
      }
    }
    return getRevokeApiKeyMethod;
  }

  /**
   * Creates a new async stub that supports all call types for the service
   */
  public static AdminServiceStub newStub(io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<AdminServiceStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<AdminServiceStub>() {
        @java.lang.Override
        public AdminServiceStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new AdminServiceStub(channel, callOptions);
        }
      };
    return AdminServiceStub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports all types of calls on the service
   */
  public static AdminServiceBlockingV2Stub newBlockingV2Stub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<AdminServiceBlockingV2Stub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<AdminServiceBlockingV2Stub>() {
        @java.lang.Override
        public AdminServiceBlockingV2Stub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new AdminServiceBlockingV2Stub(channel, callOptions);
        }
      };
    return AdminServiceBlockingV2Stub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports unary and streaming output calls on the service
   */
  public static AdminServiceBlockingStub newBlockingStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<AdminServiceBlockingStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<AdminServiceBlockingStub>() {
        @java.lang.Override
        public AdminServiceBlockingStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new AdminServiceBlockingStub(channel, callOptions);
        }
      };
    return AdminServiceBlockingStub.newStub(factory, channel);
  }

  /**
   * Creates a new ListenableFuture-style stub that supports unary calls on the service
   */
  public static AdminServiceFutureStub newFutureStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<AdminServiceFutureStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<AdminServiceFutureStub>() {
        @java.lang.Override
        public AdminServiceFutureStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new AdminServiceFutureStub(channel, callOptions);
        }
      };
    return AdminServiceFutureStub.newStub(factory, channel);
  }

  /**
   * <pre>
   * Operates a gateway.
   * </pre>
   */
  public interface AsyncService {

    /**
     * <pre>
     * Lists what could not be accepted, oldest first, without the bytes. Errors: INVALID_ARGUMENT, NOT_FOUND
     * UNKNOWN_TENANT.
     * </pre>
     */
    default void listQuarantinedEvents(io.callwire.v1.ListQuarantinedEventsRequest request,
        io.grpc.stub.StreamObserver<io.callwire.v1.ListQuarantinedEventsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListQuarantinedEventsMethod(), responseObserver);
    }

    /**
     * <pre>
     * Shows one entry with its bytes. Errors: NOT_FOUND UNKNOWN_QUARANTINE_ID.
     * </pre>
     */
    default void getQuarantinedEvent(io.callwire.v1.GetQuarantinedEventRequest request,
        io.grpc.stub.StreamObserver<io.callwire.v1.GetQuarantinedEventResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetQuarantinedEventMethod(), responseObserver);
    }

    /**
     * <pre>
     * Offers entries to the journal again, for example after an upgrade or a raised limit. What is accepted leaves the
     * quarantine and carries `first_received_time`; what is refused again stays. Errors: as PublishEvents.
     * </pre>
     */
    default void retryQuarantinedEvents(io.callwire.v1.RetryQuarantinedEventsRequest request,
        io.grpc.stub.StreamObserver<io.callwire.v1.RetryQuarantinedEventsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getRetryQuarantinedEventsMethod(), responseObserver);
    }

    /**
     * <pre>
     * Deletes entries for good. Errors: INVALID_ARGUMENT, NOT_FOUND UNKNOWN_TENANT.
     * </pre>
     */
    default void discardQuarantinedEvents(io.callwire.v1.DiscardQuarantinedEventsRequest request,
        io.grpc.stub.StreamObserver<io.callwire.v1.DiscardQuarantinedEventsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getDiscardQuarantinedEventsMethod(), responseObserver);
    }

    /**
     * <pre>
     * Makes an API key. It is shown in the answer and never again: the gateway keeps a keyed hash. A key allows no more
     * than the credential that makes it. Errors: INVALID_ARGUMENT (a field), PERMISSION_DENIED.
     * </pre>
     */
    default void createApiKey(io.callwire.v1.CreateApiKeyRequest request,
        io.grpc.stub.StreamObserver<io.callwire.v1.CreateApiKeyResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getCreateApiKeyMethod(), responseObserver);
    }

    /**
     * <pre>
     * Lists the API keys that were made by CreateApiKey for tenants of the caller, oldest first, without the keys
     * themselves. Errors: PERMISSION_DENIED.
     * </pre>
     */
    default void listApiKeys(io.callwire.v1.ListApiKeysRequest request,
        io.grpc.stub.StreamObserver<io.callwire.v1.ListApiKeysResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListApiKeysMethod(), responseObserver);
    }

    /**
     * <pre>
     * Revokes an API key at once and for good; its open streams end within five seconds. Errors: NOT_FOUND
     * UNKNOWN_API_KEY, PERMISSION_DENIED.
     * </pre>
     */
    default void revokeApiKey(io.callwire.v1.RevokeApiKeyRequest request,
        io.grpc.stub.StreamObserver<io.callwire.v1.RevokeApiKeyResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getRevokeApiKeyMethod(), responseObserver);
    }
  }

  /**
   * Base class for the server implementation of the service AdminService.
   * <pre>
   * Operates a gateway.
   * </pre>
   */
  public static abstract class AdminServiceImplBase
      implements io.grpc.BindableService, AsyncService {

    @java.lang.Override public final io.grpc.ServerServiceDefinition bindService() {
      return AdminServiceGrpc.bindService(this);
    }
  }

  /**
   * A stub to allow clients to do asynchronous rpc calls to service AdminService.
   * <pre>
   * Operates a gateway.
   * </pre>
   */
  public static final class AdminServiceStub
      extends io.grpc.stub.AbstractAsyncStub<AdminServiceStub> {
    private AdminServiceStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected AdminServiceStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new AdminServiceStub(channel, callOptions);
    }

    /**
     * <pre>
     * Lists what could not be accepted, oldest first, without the bytes. Errors: INVALID_ARGUMENT, NOT_FOUND
     * UNKNOWN_TENANT.
     * </pre>
     */
    public void listQuarantinedEvents(io.callwire.v1.ListQuarantinedEventsRequest request,
        io.grpc.stub.StreamObserver<io.callwire.v1.ListQuarantinedEventsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListQuarantinedEventsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Shows one entry with its bytes. Errors: NOT_FOUND UNKNOWN_QUARANTINE_ID.
     * </pre>
     */
    public void getQuarantinedEvent(io.callwire.v1.GetQuarantinedEventRequest request,
        io.grpc.stub.StreamObserver<io.callwire.v1.GetQuarantinedEventResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetQuarantinedEventMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Offers entries to the journal again, for example after an upgrade or a raised limit. What is accepted leaves the
     * quarantine and carries `first_received_time`; what is refused again stays. Errors: as PublishEvents.
     * </pre>
     */
    public void retryQuarantinedEvents(io.callwire.v1.RetryQuarantinedEventsRequest request,
        io.grpc.stub.StreamObserver<io.callwire.v1.RetryQuarantinedEventsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getRetryQuarantinedEventsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Deletes entries for good. Errors: INVALID_ARGUMENT, NOT_FOUND UNKNOWN_TENANT.
     * </pre>
     */
    public void discardQuarantinedEvents(io.callwire.v1.DiscardQuarantinedEventsRequest request,
        io.grpc.stub.StreamObserver<io.callwire.v1.DiscardQuarantinedEventsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getDiscardQuarantinedEventsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Makes an API key. It is shown in the answer and never again: the gateway keeps a keyed hash. A key allows no more
     * than the credential that makes it. Errors: INVALID_ARGUMENT (a field), PERMISSION_DENIED.
     * </pre>
     */
    public void createApiKey(io.callwire.v1.CreateApiKeyRequest request,
        io.grpc.stub.StreamObserver<io.callwire.v1.CreateApiKeyResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getCreateApiKeyMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Lists the API keys that were made by CreateApiKey for tenants of the caller, oldest first, without the keys
     * themselves. Errors: PERMISSION_DENIED.
     * </pre>
     */
    public void listApiKeys(io.callwire.v1.ListApiKeysRequest request,
        io.grpc.stub.StreamObserver<io.callwire.v1.ListApiKeysResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListApiKeysMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Revokes an API key at once and for good; its open streams end within five seconds. Errors: NOT_FOUND
     * UNKNOWN_API_KEY, PERMISSION_DENIED.
     * </pre>
     */
    public void revokeApiKey(io.callwire.v1.RevokeApiKeyRequest request,
        io.grpc.stub.StreamObserver<io.callwire.v1.RevokeApiKeyResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getRevokeApiKeyMethod(), getCallOptions()), request, responseObserver);
    }
  }

  /**
   * A stub to allow clients to do synchronous rpc calls to service AdminService.
   * <pre>
   * Operates a gateway.
   * </pre>
   */
  public static final class AdminServiceBlockingV2Stub
      extends io.grpc.stub.AbstractBlockingStub<AdminServiceBlockingV2Stub> {
    private AdminServiceBlockingV2Stub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected AdminServiceBlockingV2Stub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new AdminServiceBlockingV2Stub(channel, callOptions);
    }

    /**
     * <pre>
     * Lists what could not be accepted, oldest first, without the bytes. Errors: INVALID_ARGUMENT, NOT_FOUND
     * UNKNOWN_TENANT.
     * </pre>
     */
    public io.callwire.v1.ListQuarantinedEventsResponse listQuarantinedEvents(io.callwire.v1.ListQuarantinedEventsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListQuarantinedEventsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Shows one entry with its bytes. Errors: NOT_FOUND UNKNOWN_QUARANTINE_ID.
     * </pre>
     */
    public io.callwire.v1.GetQuarantinedEventResponse getQuarantinedEvent(io.callwire.v1.GetQuarantinedEventRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetQuarantinedEventMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Offers entries to the journal again, for example after an upgrade or a raised limit. What is accepted leaves the
     * quarantine and carries `first_received_time`; what is refused again stays. Errors: as PublishEvents.
     * </pre>
     */
    public io.callwire.v1.RetryQuarantinedEventsResponse retryQuarantinedEvents(io.callwire.v1.RetryQuarantinedEventsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getRetryQuarantinedEventsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Deletes entries for good. Errors: INVALID_ARGUMENT, NOT_FOUND UNKNOWN_TENANT.
     * </pre>
     */
    public io.callwire.v1.DiscardQuarantinedEventsResponse discardQuarantinedEvents(io.callwire.v1.DiscardQuarantinedEventsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getDiscardQuarantinedEventsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Makes an API key. It is shown in the answer and never again: the gateway keeps a keyed hash. A key allows no more
     * than the credential that makes it. Errors: INVALID_ARGUMENT (a field), PERMISSION_DENIED.
     * </pre>
     */
    public io.callwire.v1.CreateApiKeyResponse createApiKey(io.callwire.v1.CreateApiKeyRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getCreateApiKeyMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists the API keys that were made by CreateApiKey for tenants of the caller, oldest first, without the keys
     * themselves. Errors: PERMISSION_DENIED.
     * </pre>
     */
    public io.callwire.v1.ListApiKeysResponse listApiKeys(io.callwire.v1.ListApiKeysRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListApiKeysMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Revokes an API key at once and for good; its open streams end within five seconds. Errors: NOT_FOUND
     * UNKNOWN_API_KEY, PERMISSION_DENIED.
     * </pre>
     */
    public io.callwire.v1.RevokeApiKeyResponse revokeApiKey(io.callwire.v1.RevokeApiKeyRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getRevokeApiKeyMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do limited synchronous rpc calls to service AdminService.
   * <pre>
   * Operates a gateway.
   * </pre>
   */
  public static final class AdminServiceBlockingStub
      extends io.grpc.stub.AbstractBlockingStub<AdminServiceBlockingStub> {
    private AdminServiceBlockingStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected AdminServiceBlockingStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new AdminServiceBlockingStub(channel, callOptions);
    }

    /**
     * <pre>
     * Lists what could not be accepted, oldest first, without the bytes. Errors: INVALID_ARGUMENT, NOT_FOUND
     * UNKNOWN_TENANT.
     * </pre>
     */
    public io.callwire.v1.ListQuarantinedEventsResponse listQuarantinedEvents(io.callwire.v1.ListQuarantinedEventsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListQuarantinedEventsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Shows one entry with its bytes. Errors: NOT_FOUND UNKNOWN_QUARANTINE_ID.
     * </pre>
     */
    public io.callwire.v1.GetQuarantinedEventResponse getQuarantinedEvent(io.callwire.v1.GetQuarantinedEventRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetQuarantinedEventMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Offers entries to the journal again, for example after an upgrade or a raised limit. What is accepted leaves the
     * quarantine and carries `first_received_time`; what is refused again stays. Errors: as PublishEvents.
     * </pre>
     */
    public io.callwire.v1.RetryQuarantinedEventsResponse retryQuarantinedEvents(io.callwire.v1.RetryQuarantinedEventsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getRetryQuarantinedEventsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Deletes entries for good. Errors: INVALID_ARGUMENT, NOT_FOUND UNKNOWN_TENANT.
     * </pre>
     */
    public io.callwire.v1.DiscardQuarantinedEventsResponse discardQuarantinedEvents(io.callwire.v1.DiscardQuarantinedEventsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getDiscardQuarantinedEventsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Makes an API key. It is shown in the answer and never again: the gateway keeps a keyed hash. A key allows no more
     * than the credential that makes it. Errors: INVALID_ARGUMENT (a field), PERMISSION_DENIED.
     * </pre>
     */
    public io.callwire.v1.CreateApiKeyResponse createApiKey(io.callwire.v1.CreateApiKeyRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getCreateApiKeyMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists the API keys that were made by CreateApiKey for tenants of the caller, oldest first, without the keys
     * themselves. Errors: PERMISSION_DENIED.
     * </pre>
     */
    public io.callwire.v1.ListApiKeysResponse listApiKeys(io.callwire.v1.ListApiKeysRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListApiKeysMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Revokes an API key at once and for good; its open streams end within five seconds. Errors: NOT_FOUND
     * UNKNOWN_API_KEY, PERMISSION_DENIED.
     * </pre>
     */
    public io.callwire.v1.RevokeApiKeyResponse revokeApiKey(io.callwire.v1.RevokeApiKeyRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getRevokeApiKeyMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do ListenableFuture-style rpc calls to service AdminService.
   * <pre>
   * Operates a gateway.
   * </pre>
   */
  public static final class AdminServiceFutureStub
      extends io.grpc.stub.AbstractFutureStub<AdminServiceFutureStub> {
    private AdminServiceFutureStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected AdminServiceFutureStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new AdminServiceFutureStub(channel, callOptions);
    }

    /**
     * <pre>
     * Lists what could not be accepted, oldest first, without the bytes. Errors: INVALID_ARGUMENT, NOT_FOUND
     * UNKNOWN_TENANT.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.callwire.v1.ListQuarantinedEventsResponse> listQuarantinedEvents(
        io.callwire.v1.ListQuarantinedEventsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListQuarantinedEventsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Shows one entry with its bytes. Errors: NOT_FOUND UNKNOWN_QUARANTINE_ID.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.callwire.v1.GetQuarantinedEventResponse> getQuarantinedEvent(
        io.callwire.v1.GetQuarantinedEventRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetQuarantinedEventMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Offers entries to the journal again, for example after an upgrade or a raised limit. What is accepted leaves the
     * quarantine and carries `first_received_time`; what is refused again stays. Errors: as PublishEvents.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.callwire.v1.RetryQuarantinedEventsResponse> retryQuarantinedEvents(
        io.callwire.v1.RetryQuarantinedEventsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getRetryQuarantinedEventsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Deletes entries for good. Errors: INVALID_ARGUMENT, NOT_FOUND UNKNOWN_TENANT.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.callwire.v1.DiscardQuarantinedEventsResponse> discardQuarantinedEvents(
        io.callwire.v1.DiscardQuarantinedEventsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getDiscardQuarantinedEventsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Makes an API key. It is shown in the answer and never again: the gateway keeps a keyed hash. A key allows no more
     * than the credential that makes it. Errors: INVALID_ARGUMENT (a field), PERMISSION_DENIED.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.callwire.v1.CreateApiKeyResponse> createApiKey(
        io.callwire.v1.CreateApiKeyRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getCreateApiKeyMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Lists the API keys that were made by CreateApiKey for tenants of the caller, oldest first, without the keys
     * themselves. Errors: PERMISSION_DENIED.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.callwire.v1.ListApiKeysResponse> listApiKeys(
        io.callwire.v1.ListApiKeysRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListApiKeysMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Revokes an API key at once and for good; its open streams end within five seconds. Errors: NOT_FOUND
     * UNKNOWN_API_KEY, PERMISSION_DENIED.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.callwire.v1.RevokeApiKeyResponse> revokeApiKey(
        io.callwire.v1.RevokeApiKeyRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getRevokeApiKeyMethod(), getCallOptions()), request);
    }
  }

  private static final int METHODID_LIST_QUARANTINED_EVENTS = 0;
  private static final int METHODID_GET_QUARANTINED_EVENT = 1;
  private static final int METHODID_RETRY_QUARANTINED_EVENTS = 2;
  private static final int METHODID_DISCARD_QUARANTINED_EVENTS = 3;
  private static final int METHODID_CREATE_API_KEY = 4;
  private static final int METHODID_LIST_API_KEYS = 5;
  private static final int METHODID_REVOKE_API_KEY = 6;

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
        case METHODID_LIST_QUARANTINED_EVENTS:
          serviceImpl.listQuarantinedEvents((io.callwire.v1.ListQuarantinedEventsRequest) request,
              (io.grpc.stub.StreamObserver<io.callwire.v1.ListQuarantinedEventsResponse>) responseObserver);
          break;
        case METHODID_GET_QUARANTINED_EVENT:
          serviceImpl.getQuarantinedEvent((io.callwire.v1.GetQuarantinedEventRequest) request,
              (io.grpc.stub.StreamObserver<io.callwire.v1.GetQuarantinedEventResponse>) responseObserver);
          break;
        case METHODID_RETRY_QUARANTINED_EVENTS:
          serviceImpl.retryQuarantinedEvents((io.callwire.v1.RetryQuarantinedEventsRequest) request,
              (io.grpc.stub.StreamObserver<io.callwire.v1.RetryQuarantinedEventsResponse>) responseObserver);
          break;
        case METHODID_DISCARD_QUARANTINED_EVENTS:
          serviceImpl.discardQuarantinedEvents((io.callwire.v1.DiscardQuarantinedEventsRequest) request,
              (io.grpc.stub.StreamObserver<io.callwire.v1.DiscardQuarantinedEventsResponse>) responseObserver);
          break;
        case METHODID_CREATE_API_KEY:
          serviceImpl.createApiKey((io.callwire.v1.CreateApiKeyRequest) request,
              (io.grpc.stub.StreamObserver<io.callwire.v1.CreateApiKeyResponse>) responseObserver);
          break;
        case METHODID_LIST_API_KEYS:
          serviceImpl.listApiKeys((io.callwire.v1.ListApiKeysRequest) request,
              (io.grpc.stub.StreamObserver<io.callwire.v1.ListApiKeysResponse>) responseObserver);
          break;
        case METHODID_REVOKE_API_KEY:
          serviceImpl.revokeApiKey((io.callwire.v1.RevokeApiKeyRequest) request,
              (io.grpc.stub.StreamObserver<io.callwire.v1.RevokeApiKeyResponse>) responseObserver);
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
          getListQuarantinedEventsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.callwire.v1.ListQuarantinedEventsRequest,
              io.callwire.v1.ListQuarantinedEventsResponse>(
                service, METHODID_LIST_QUARANTINED_EVENTS)))
        .addMethod(
          getGetQuarantinedEventMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.callwire.v1.GetQuarantinedEventRequest,
              io.callwire.v1.GetQuarantinedEventResponse>(
                service, METHODID_GET_QUARANTINED_EVENT)))
        .addMethod(
          getRetryQuarantinedEventsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.callwire.v1.RetryQuarantinedEventsRequest,
              io.callwire.v1.RetryQuarantinedEventsResponse>(
                service, METHODID_RETRY_QUARANTINED_EVENTS)))
        .addMethod(
          getDiscardQuarantinedEventsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.callwire.v1.DiscardQuarantinedEventsRequest,
              io.callwire.v1.DiscardQuarantinedEventsResponse>(
                service, METHODID_DISCARD_QUARANTINED_EVENTS)))
        .addMethod(
          getCreateApiKeyMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.callwire.v1.CreateApiKeyRequest,
              io.callwire.v1.CreateApiKeyResponse>(
                service, METHODID_CREATE_API_KEY)))
        .addMethod(
          getListApiKeysMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.callwire.v1.ListApiKeysRequest,
              io.callwire.v1.ListApiKeysResponse>(
                service, METHODID_LIST_API_KEYS)))
        .addMethod(
          getRevokeApiKeyMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.callwire.v1.RevokeApiKeyRequest,
              io.callwire.v1.RevokeApiKeyResponse>(
                service, METHODID_REVOKE_API_KEY)))
        .build();
  }

  private static abstract class AdminServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoFileDescriptorSupplier, io.grpc.protobuf.ProtoServiceDescriptorSupplier {
    AdminServiceBaseDescriptorSupplier() {}

    @java.lang.Override
    public com.google.protobuf.Descriptors.FileDescriptor getFileDescriptor() {
      return io.callwire.v1.AdminProto.getDescriptor();
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.ServiceDescriptor getServiceDescriptor() {
      return getFileDescriptor().findServiceByName("AdminService");
    }
  }

  private static final class AdminServiceFileDescriptorSupplier
      extends AdminServiceBaseDescriptorSupplier {
    AdminServiceFileDescriptorSupplier() {}
  }

  private static final class AdminServiceMethodDescriptorSupplier
      extends AdminServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoMethodDescriptorSupplier {
    private final java.lang.String methodName;

    AdminServiceMethodDescriptorSupplier(java.lang.String methodName) {
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
      synchronized (AdminServiceGrpc.class) {
        result = serviceDescriptor;
        if (result == null) {
          serviceDescriptor = result = io.grpc.ServiceDescriptor.newBuilder(SERVICE_NAME)
              .setSchemaDescriptor(new AdminServiceFileDescriptorSupplier())
              .addMethod(getListQuarantinedEventsMethod())
              .addMethod(getGetQuarantinedEventMethod())
              .addMethod(getRetryQuarantinedEventsMethod())
              .addMethod(getDiscardQuarantinedEventsMethod())
              .addMethod(getCreateApiKeyMethod())
              .addMethod(getListApiKeysMethod())
              .addMethod(getRevokeApiKeyMethod())
              .build();
        }
      }
    }
    return result;
  }
}
