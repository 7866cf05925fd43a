package io.callwire;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import io.grpc.protobuf.StatusProto;

/** The typed details of a failed call. Each is null when the failure has none. */
record ErrorDetails(ErrorInfo errorInfo, RetryInfo retryInfo) {
  static final ErrorDetails NONE = new ErrorDetails(null, null);

  static ErrorDetails of(Throwable failure) {
    com.google.rpc.Status status = StatusProto.fromThrowable(failure);
    if (status == null) {
      return NONE;
    }
    return new ErrorDetails(detail(status, ErrorInfo.class), detail(status, RetryInfo.class));
  }

  private static <T extends Message> T detail(com.google.rpc.Status status, Class<T> type) {
    for (Any any : status.getDetailsList()) {
      if (any.is(type)) {
        return unpack(any, type);
      }
    }
    return null;
  }

  /** A detail that cannot be read says nothing; the status it came with still counts. */
  private static <T extends Message> T unpack(Any any, Class<T> type) {
    try {
      return any.unpack(type);
    } catch (InvalidProtocolBufferException e) {
      return null;
    }
  }
}
