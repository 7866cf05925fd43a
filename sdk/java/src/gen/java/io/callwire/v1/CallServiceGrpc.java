package io.callwire.v1;

import static io.grpc.MethodDescriptor.generateFullMethodName;

/**
 * <pre>
 * Calls, chats and agents as they are now, or as they were at a cursor.
 * </pre>
 */
@io.grpc.stub.annotations.GrpcGenerated
public final class CallServiceGrpc {

  private CallServiceGrpc() {}

  public static final java.lang.String SERVICE_NAME = "callwire.v1.CallService";

  // Static method descriptors that strictly reflect the proto.
  private static volatile io.grpc.MethodDescriptor<io.callwire.v1.GetCallRequest,
      io.callwire.v1.GetCallResponse> getGetCallMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetCall",
      requestType = io.callwire.v1.GetCallRequest.class,
      responseType = io.callwire.v1.GetCallResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.callwire.v1.GetCallRequest,
      io.callwire.v1.GetCallResponse> getGetCallMethod() {
    io.grpc.MethodDescriptor<io.callwire.v1.GetCallRequest, io.callwire.v1.GetCallResponse> getGetCallMethod;
    if ((getGetCallMethod = CallServiceGrpc.getGetCallMethod) == null) {
      synchronized (CallServiceGrpc.class) {
        if ((getGetCallMethod = CallServiceGrpc.getGetCallMethod) == null) {
          CallServiceGrpc.getGetCallMethod = getGetCallMethod =
              io.grpc.MethodDescriptor.<io.callwire.v1.GetCallRequest, io.callwire.v1.GetCallResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetCall"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.callwire.v1.GetCallRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.callwire.v1.GetCallResponse.getDefaultInstance()))
              .setSchemaDescriptor(new CallServiceMethodDescriptorSupplier("GetCall"))
              .build();
        }
      }
    }
    return getGetCallMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.callwire.v1.ListCallsRequest,
      io.callwire.v1.ListCallsResponse> getListCallsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListCalls",
      requestType = io.callwire.v1.ListCallsRequest.class,
      responseType = io.callwire.v1.ListCallsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.callwire.v1.ListCallsRequest,
      io.callwire.v1.ListCallsResponse> getListCallsMethod() {
    io.grpc.MethodDescriptor<io.callwire.v1.ListCallsRequest, io.callwire.v1.ListCallsResponse> getListCallsMethod;
    if ((getListCallsMethod = CallServiceGrpc.getListCallsMethod) == null) {
      synchronized (CallServiceGrpc.class) {
        if ((getListCallsMethod = CallServiceGrpc.getListCallsMethod) == null) {
          CallServiceGrpc.getListCallsMethod = getListCallsMethod =
              io.grpc.MethodDescriptor.<io.callwire.v1.ListCallsRequest, io.callwire.v1.ListCallsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListCalls"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.callwire.v1.ListCallsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.callwire.v1.ListCallsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new CallServiceMethodDescriptorSupplier("ListCalls"))
              .build();
        }
      }
    }
    return getListCallsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.callwire.v1.WatchCallsRequest,
      io.callwire.v1.WatchCallsResponse> getWatchCallsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "WatchCalls",
      requestType = io.callwire.v1.WatchCallsRequest.class,
      responseType = io.callwire.v1.WatchCallsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
  public static io.grpc.MethodDescriptor<io.callwire.v1.WatchCallsRequest,
      io.callwire.v1.WatchCallsResponse> getWatchCallsMethod() {
    io.grpc.MethodDescriptor<io.callwire.v1.WatchCallsRequest, io.callwire.v1.WatchCallsResponse> getWatchCallsMethod;
    if ((getWatchCallsMethod = CallServiceGrpc.getWatchCallsMethod) == null) {
      synchronized (CallServiceGrpc.class) {
        if ((getWatchCallsMethod = CallServiceGrpc.getWatchCallsMethod) == null) {
          CallServiceGrpc.getWatchCallsMethod = getWatchCallsMethod =
              io.grpc.MethodDescriptor.<io.callwire.v1.WatchCallsRequest, io.callwire.v1.WatchCallsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "WatchCalls"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.callwire.v1.WatchCallsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.callwire.v1.WatchCallsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new CallServiceMethodDescriptorSupplier("WatchCalls"))
              .build();
        }
      }
    }
    return getWatchCallsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.callwire.v1.GetAgentRequest,
      io.callwire.v1.GetAgentResponse> getGetAgentMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetAgent",
      requestType = io.callwire.v1.GetAgentRequest.class,
      responseType = io.callwire.v1.GetAgentResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.callwire.v1.GetAgentRequest,
      io.callwire.v1.GetAgentResponse> getGetAgentMethod() {
    io.grpc.MethodDescriptor<io.callwire.v1.GetAgentRequest, io.callwire.v1.GetAgentResponse> getGetAgentMethod;
    if ((getGetAgentMethod = CallServiceGrpc.getGetAgentMethod) == null) {
      synchronized (CallServiceGrpc.class) {
        if ((getGetAgentMethod = CallServiceGrpc.getGetAgentMethod) == null) {
          CallServiceGrpc.getGetAgentMethod = getGetAgentMethod =
              io.grpc.MethodDescriptor.<io.callwire.v1.GetAgentRequest, io.callwire.v1.GetAgentResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetAgent"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.callwire.v1.GetAgentRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.callwire.v1.GetAgentResponse.getDefaultInstance()))
              .setSchemaDescriptor(new CallServiceMethodDescriptorSupplier("GetAgent"))
              .build();
        }
      }
    }
    return getGetAgentMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.callwire.v1.ListAgentsRequest,
      io.callwire.v1.ListAgentsResponse> getListAgentsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListAgents",
      requestType = io.callwire.v1.ListAgentsRequest.class,
      responseType = io.callwire.v1.ListAgentsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.callwire.v1.ListAgentsRequest,
      io.callwire.v1.ListAgentsResponse> getListAgentsMethod() {
    io.grpc.MethodDescriptor<io.callwire.v1.ListAgentsRequest, io.callwire.v1.ListAgentsResponse> getListAgentsMethod;
    if ((getListAgentsMethod = CallServiceGrpc.getListAgentsMethod) == null) {
      synchronized (CallServiceGrpc.class) {
        if ((getListAgentsMethod = CallServiceGrpc.getListAgentsMethod) == null) {
          CallServiceGrpc.getListAgentsMethod = getListAgentsMethod =
              io.grpc.MethodDescriptor.<io.callwire.v1.ListAgentsRequest, io.callwire.v1.ListAgentsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListAgents"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.callwire.v1.ListAgentsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.callwire.v1.ListAgentsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new CallServiceMethodDescriptorSupplier("ListAgents"))
              .build();
        }
      }
    }
    return getListAgentsMethod;
  }

  /**
   * Creates a new async stub that supports all call types for the service
   */
  public static CallServiceStub newStub(io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<CallServiceStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<CallServiceStub>() {
        @java.lang.Override
        public CallServiceStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new CallServiceStub(channel, callOptions);
        }
      };
    return CallServiceStub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports all types of calls on the service
   */
  public static CallServiceBlockingV2Stub newBlockingV2Stub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<CallServiceBlockingV2Stub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<CallServiceBlockingV2Stub>() {
        @java.lang.Override
        public CallServiceBlockingV2Stub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new CallServiceBlockingV2Stub(channel, callOptions);
        }
      };
    return CallServiceBlockingV2Stub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports unary and streaming output calls on the service
   */
  public static CallServiceBlockingStub newBlockingStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<CallServiceBlockingStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<CallServiceBlockingStub>() {
        @java.lang.Override
        public CallServiceBlockingStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new CallServiceBlockingStub(channel, callOptions);
        }
      };
    return CallServiceBlockingStub.newStub(factory, channel);
  }

  /**
   * Creates a new ListenableFuture-style stub that supports unary calls on the service
   */
  public static CallServiceFutureStub newFutureStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<CallServiceFutureStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<CallServiceFutureStub>() {
        @java.lang.Override
        public CallServiceFutureStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new CallServiceFutureStub(channel, callOptions);
        }
      };
    return CallServiceFutureStub.newStub(factory, channel);
  }

  /**
   * <pre>
   * Calls, chats and agents as they are now, or as they were at a cursor.
   * </pre>
   */
  public interface AsyncService {

    /**
     * <pre>
     * One call or chat. NOT_FOUND when no event of it is kept; FAILED_PRECONDITION (`SESSION_AMBIGUOUS`) when several
     * sources report the id and none was named.
     * </pre>
     */
    default void getCall(io.callwire.v1.GetCallRequest request,
        io.grpc.stub.StreamObserver<io.callwire.v1.GetCallResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetCallMethod(), responseObserver);
    }

    /**
     * <pre>
     * Calls and chats, newest first, a page at a time.
     * </pre>
     */
    default void listCalls(io.callwire.v1.ListCallsRequest request,
        io.grpc.stub.StreamObserver<io.callwire.v1.ListCallsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListCallsMethod(), responseObserver);
    }

    /**
     * <pre>
     * The open calls and chats that match, then each change of them. A consumer that reads slowly gets the latest state of
     * each changed call instead of every change. The stream ends only with an error: UNAVAILABLE when the gateway goes away.
     * </pre>
     */
    default void watchCalls(io.callwire.v1.WatchCallsRequest request,
        io.grpc.stub.StreamObserver<io.callwire.v1.WatchCallsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getWatchCallsMethod(), responseObserver);
    }

    /**
     * <pre>
     * One agent, by id or by e-mail address. NOT_FOUND for one that no kept event named.
     * </pre>
     */
    default void getAgent(io.callwire.v1.GetAgentRequest request,
        io.grpc.stub.StreamObserver<io.callwire.v1.GetAgentResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetAgentMethod(), responseObserver);
    }

    /**
     * <pre>
     * The agents that events have named, by id, a page at a time.
     * </pre>
     */
    default void listAgents(io.callwire.v1.ListAgentsRequest request,
        io.grpc.stub.StreamObserver<io.callwire.v1.ListAgentsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListAgentsMethod(), responseObserver);
    }
  }

  /**
   * Base class for the server implementation of the service CallService.
   * <pre>
   * Calls, chats and agents as they are now, or as they were at a cursor.
   * </pre>
   */
  public static abstract class CallServiceImplBase
      implements io.grpc.BindableService, AsyncService {

    @java.lang.Override public final io.grpc.ServerServiceDefinition bindService() {
      return CallServiceGrpc.bindService(this);
    }
  }

  /**
   * A stub to allow clients to do asynchronous rpc calls to service CallService.
   * <pre>
   * Calls, chats and agents as they are now, or as they were at a cursor.
   * </pre>
   */
  public static final class CallServiceStub
      extends io.grpc.stub.AbstractAsyncStub<CallServiceStub> {
    private CallServiceStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected CallServiceStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new CallServiceStub(channel, callOptions);
    }

    /**
     * <pre>
     * One call or chat. NOT_FOUND when no event of it is kept; FAILED_PRECONDITION (`SESSION_AMBIGUOUS`) when several
     * sources report the id and none was named.
     * </pre>
     */
    public void getCall(io.callwire.v1.GetCallRequest request,
        io.grpc.stub.StreamObserver<io.callwire.v1.GetCallResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetCallMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Calls and chats, newest first, a page at a time.
     * </pre>
     */
    public void listCalls(io.callwire.v1.ListCallsRequest request,
        io.grpc.stub.StreamObserver<io.callwire.v1.ListCallsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListCallsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * The open calls and chats that match, then each change of them. A consumer that reads slowly gets the latest state of
     * each changed call instead of every change. The stream ends only with an error: UNAVAILABLE when the gateway goes away.
     * </pre>
     */
    public void watchCalls(io.callwire.v1.WatchCallsRequest request,
        io.grpc.stub.StreamObserver<io.callwire.v1.WatchCallsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncServerStreamingCall(
          getChannel().newCall(getWatchCallsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * One agent, by id or by e-mail address. NOT_FOUND for one that no kept event named.
     * </pre>
     */
    public void getAgent(io.callwire.v1.GetAgentRequest request,
        io.grpc.stub.StreamObserver<io.callwire.v1.GetAgentResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetAgentMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * The agents that events have named, by id, a page at a time.
     * </pre>
     */
    public void listAgents(io.callwire.v1.ListAgentsRequest request,
        io.grpc.stub.StreamObserver<io.callwire.v1.ListAgentsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListAgentsMethod(), getCallOptions()), request, responseObserver);
    }
  }

  /**
   * A stub to allow clients to do synchronous rpc calls to service CallService.
   * <pre>
   * Calls, chats and agents as they are now, or as they were at a cursor.
   * </pre>
   */
  public static final class CallServiceBlockingV2Stub
      extends io.grpc.stub.AbstractBlockingStub<CallServiceBlockingV2Stub> {
    private CallServiceBlockingV2Stub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected CallServiceBlockingV2Stub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new CallServiceBlockingV2Stub(channel, callOptions);
    }

    /**
     * <pre>
     * One call or chat. NOT_FOUND when no event of it is kept; FAILED_PRECONDITION (`SESSION_AMBIGUOUS`) when several
     * sources report the id and none was named.
     * </pre>
     */
    public io.callwire.v1.GetCallResponse getCall(io.callwire.v1.GetCallRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetCallMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Calls and chats, newest first, a page at a time.
     * </pre>
     */
    public io.callwire.v1.ListCallsResponse listCalls(io.callwire.v1.ListCallsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListCallsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * The open calls and chats that match, then each change of them. A consumer that reads slowly gets the latest state of
     * each changed call instead of every change. The stream ends only with an error: UNAVAILABLE when the gateway goes away.
     * </pre>
     */
    @io.grpc.ExperimentalApi("https://github.com/grpc/grpc-java/issues/10918")
    public io.grpc.stub.BlockingClientCall<?, io.callwire.v1.WatchCallsResponse>
        watchCalls(io.callwire.v1.WatchCallsRequest request) {
      return io.grpc.stub.ClientCalls.blockingV2ServerStreamingCall(
          getChannel(), getWatchCallsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * One agent, by id or by e-mail address. NOT_FOUND for one that no kept event named.
     * </pre>
     */
    public io.callwire.v1.GetAgentResponse getAgent(io.callwire.v1.GetAgentRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetAgentMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * The agents that events have named, by id, a page at a time.
     * </pre>
     */
    public io.callwire.v1.ListAgentsResponse listAgents(io.callwire.v1.ListAgentsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListAgentsMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do limited synchronous rpc calls to service CallService.
   * <pre>
   * Calls, chats and agents as they are now, or as they were at a cursor.
   * </pre>
   */
  public static final class CallServiceBlockingStub
      extends io.grpc.stub.AbstractBlockingStub<CallServiceBlockingStub> {
    private CallServiceBlockingStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected CallServiceBlockingStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new CallServiceBlockingStub(channel, callOptions);
    }

    /**
     * <pre>
     * One call or chat. NOT_FOUND when no event of it is kept; FAILED_PRECONDITION (`SESSION_AMBIGUOUS`) when several
     * sources report the id and none was named.
     * </pre>
     */
    public io.callwire.v1.GetCallResponse getCall(io.callwire.v1.GetCallRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetCallMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Calls and chats, newest first, a page at a time.
     * </pre>
     */
    public io.callwire.v1.ListCallsResponse listCalls(io.callwire.v1.ListCallsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListCallsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * The open calls and chats that match, then each change of them. A consumer that reads slowly gets the latest state of
     * each changed call instead of every change. The stream ends only with an error: UNAVAILABLE when the gateway goes away.
     * </pre>
     */
    public java.util.Iterator<io.callwire.v1.WatchCallsResponse> watchCalls(
        io.callwire.v1.WatchCallsRequest request) {
      return io.grpc.stub.ClientCalls.blockingServerStreamingCall(
          getChannel(), getWatchCallsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * One agent, by id or by e-mail address. NOT_FOUND for one that no kept event named.
     * </pre>
     */
    public io.callwire.v1.GetAgentResponse getAgent(io.callwire.v1.GetAgentRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetAgentMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * The agents that events have named, by id, a page at a time.
     * </pre>
     */
    public io.callwire.v1.ListAgentsResponse listAgents(io.callwire.v1.ListAgentsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListAgentsMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do ListenableFuture-style rpc calls to service CallService.
   * <pre>
   * Calls, chats and agents as they are now, or as they were at a cursor.
   * </pre>
   */
  public static final class CallServiceFutureStub
      extends io.grpc.stub.AbstractFutureStub<CallServiceFutureStub> {
    private CallServiceFutureStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected CallServiceFutureStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new CallServiceFutureStub(channel, callOptions);
    }

    /**
     * <pre>
     * One call or chat. NOT_FOUND when no event of it is kept; FAILED_PRECONDITION (`SESSION_AMBIGUOUS`) when several
     * sources report the id and none was named.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.callwire.v1.GetCallResponse> getCall(
        io.callwire.v1.GetCallRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetCallMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Calls and chats, newest first, a page at a time.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.callwire.v1.ListCallsResponse> listCalls(
        io.callwire.v1.ListCallsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListCallsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * One agent, by id or by e-mail address. NOT_FOUND for one that no kept event named.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.callwire.v1.GetAgentResponse> getAgent(
        io.callwire.v1.GetAgentRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetAgentMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * The agents that events have named, by id, a page at a time.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.callwire.v1.ListAgentsResponse> listAgents(
        io.callwire.v1.ListAgentsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListAgentsMethod(), getCallOptions()), request);
    }
  }

  private static final int METHODID_GET_CALL = 0;
  private static final int METHODID_LIST_CALLS = 1;
  private static final int METHODID_WATCH_CALLS = 2;
  private static final int METHODID_GET_AGENT = 3;
  private static final int METHODID_LIST_AGENTS = 4;

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
        case METHODID_GET_CALL:
          serviceImpl.getCall((io.callwire.v1.GetCallRequest) request,
              (io.grpc.stub.StreamObserver<io.callwire.v1.GetCallResponse>) responseObserver);
          break;
        case METHODID_LIST_CALLS:
          serviceImpl.listCalls((io.callwire.v1.ListCallsRequest) request,
              (io.grpc.stub.StreamObserver<io.callwire.v1.ListCallsResponse>) responseObserver);
          break;
        case METHODID_WATCH_CALLS:
          serviceImpl.watchCalls((io.callwire.v1.WatchCallsRequest) request,
              (io.grpc.stub.StreamObserver<io.callwire.v1.WatchCallsResponse>) responseObserver);
          break;
        case METHODID_GET_AGENT:
          serviceImpl.getAgent((io.callwire.v1.GetAgentRequest) request,
              (io.grpc.stub.StreamObserver<io.callwire.v1.GetAgentResponse>) responseObserver);
          break;
        case METHODID_LIST_AGENTS:
          serviceImpl.listAgents((io.callwire.v1.ListAgentsRequest) request,
              (io.grpc.stub.StreamObserver<io.callwire.v1.ListAgentsResponse>) responseObserver);
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
          getGetCallMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.callwire.v1.GetCallRequest,
              io.callwire.v1.GetCallResponse>(
                service, METHODID_GET_CALL)))
        .addMethod(
          getListCallsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.callwire.v1.ListCallsRequest,
              io.callwire.v1.ListCallsResponse>(
                service, METHODID_LIST_CALLS)))
        .addMethod(
          getWatchCallsMethod(),
          io.grpc.stub.ServerCalls.asyncServerStreamingCall(
            new MethodHandlers<
              io.callwire.v1.WatchCallsRequest,
              io.callwire.v1.WatchCallsResponse>(
                service, METHODID_WATCH_CALLS)))
        .addMethod(
          getGetAgentMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.callwire.v1.GetAgentRequest,
              io.callwire.v1.GetAgentResponse>(
                service, METHODID_GET_AGENT)))
        .addMethod(
          getListAgentsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.callwire.v1.ListAgentsRequest,
              io.callwire.v1.ListAgentsResponse>(
                service, METHODID_LIST_AGENTS)))
        .build();
  }

  private static abstract class CallServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoFileDescriptorSupplier, io.grpc.protobuf.ProtoServiceDescriptorSupplier {
    CallServiceBaseDescriptorSupplier() {}

    @java.lang.Override
    public com.google.protobuf.Descriptors.FileDescriptor getFileDescriptor() {
      return io.callwire.v1.CallProto.getDescriptor();
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.ServiceDescriptor getServiceDescriptor() {
      return getFileDescriptor().findServiceByName("CallService");
    }
  }

  private static final class CallServiceFileDescriptorSupplier
      extends CallServiceBaseDescriptorSupplier {
    CallServiceFileDescriptorSupplier() {}
  }

  private static final class CallServiceMethodDescriptorSupplier
      extends CallServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoMethodDescriptorSupplier {
    private final java.lang.String methodName;

    CallServiceMethodDescriptorSupplier(java.lang.String methodName) {
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
      synchronized (CallServiceGrpc.class) {
        result = serviceDescriptor;
        if (result == null) {
          serviceDescriptor = result = io.grpc.ServiceDescriptor.newBuilder(SERVICE_NAME)
              .setSchemaDescriptor(new CallServiceFileDescriptorSupplier())
              .addMethod(getGetCallMethod())
              .addMethod(getListCallsMethod())
              .addMethod(getWatchCallsMethod())
              .addMethod(getGetAgentMethod())
              .addMethod(getListAgentsMethod())
              .build();
        }
      }
    }
    return result;
  }
}
