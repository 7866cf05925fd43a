package io.callwire.testing;

import com.google.protobuf.Any;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import io.callwire.v1.Event;
import io.callwire.v1.Gap;
import io.callwire.v1.GoingAway;
import io.callwire.v1.Progress;
import io.callwire.v1.Session;
import io.callwire.v1.SnapshotBegin;
import io.callwire.v1.SnapshotEnd;
import io.callwire.v1.SubscribeResponse;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.time.Duration;
import java.util.Map;

/** What gateways say. Every cursor is of one epoch. */
public final class Responses {
  private Responses() {}

  public static String cursor(long offset) {
    return "0a1b2c3d-" + Long.toUnsignedString(offset);
  }

  /** An event at each offset, and the cursor of the last. */
  public static SubscribeResponse events(long... offsets) {
    SubscribeResponse.Builder response = SubscribeResponse.newBuilder();
    for (long offset : offsets) {
      response.addEvents(Event.newBuilder().setOffset(offset)).setCursor(cursor(offset));
    }
    return response.build();
  }

  /** A cursor alone. */
  public static SubscribeResponse at(long offset) {
    return SubscribeResponse.newBuilder().setCursor(cursor(offset)).build();
  }

  public static SubscribeResponse withDigest(SubscribeResponse response, String digest) {
    return response.toBuilder().setFilterDigest(digest).build();
  }

  public static SubscribeResponse progress(long offset) {
    return at(offset).toBuilder().setProgress(Progress.newBuilder().setHeadCursor(cursor(offset))).build();
  }

  public static SubscribeResponse gap(long from, long to) {
    Gap gap = Gap.newBuilder().setFromCursor(cursor(from)).setToCursor(cursor(to)).build();
    return at(to).toBuilder().setGap(gap).build();
  }

  public static SubscribeResponse snapshotBegin() {
    return SubscribeResponse.newBuilder().setSnapshotBegin(SnapshotBegin.getDefaultInstance()).build();
  }

  public static SubscribeResponse sessions(String... ids) {
    SubscribeResponse.Builder response = SubscribeResponse.newBuilder();
    for (String id : ids) {
      response.addSessions(Session.newBuilder().setSessionId(id));
    }
    return response.build();
  }

  public static SubscribeResponse snapshotEnd(long offset) {
    return at(offset).toBuilder().setSnapshotEnd(SnapshotEnd.getDefaultInstance()).build();
  }

  public static SubscribeResponse goingAway(long offset, Duration retryAfter) {
    GoingAway notice = GoingAway.newBuilder().setRetryAfter(duration(retryAfter)).build();
    return at(offset).toBuilder().setGoingAway(notice).build();
  }

  /** A failure with a reason of the catalogue. */
  public static StatusRuntimeException failure(Status.Code code, String reason, Map<String, String> metadata) {
    return failure(code, ErrorInfo.newBuilder().setDomain("callwire").setReason(reason).putAllMetadata(metadata).build());
  }

  public static StatusRuntimeException failure(Status.Code code, String reason) {
    return failure(code, reason, Map.of());
  }

  /** A failure with details of any kind. */
  public static StatusRuntimeException failure(Status.Code code, com.google.protobuf.Message... details) {
    com.google.rpc.Status.Builder status =
        com.google.rpc.Status.newBuilder().setCode(code.value()).setMessage("as the script says");
    for (var detail : details) {
      status.addDetails(Any.pack(detail));
    }
    return StatusProto.toStatusRuntimeException(status.build());
  }

  public static RetryInfo retryInfo(Duration delay) {
    return RetryInfo.newBuilder().setRetryDelay(duration(delay)).build();
  }

  private static com.google.protobuf.Duration duration(Duration duration) {
    return com.google.protobuf.Duration.newBuilder()
        .setSeconds(duration.getSeconds())
        .setNanos(duration.getNano())
        .build();
  }
}
