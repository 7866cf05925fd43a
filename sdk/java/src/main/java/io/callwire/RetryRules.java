package io.callwire;

import com.google.protobuf.Descriptors.EnumValueDescriptor;
import io.callwire.v1.ErrorProto;
import io.callwire.v1.ErrorReason;
import io.grpc.Status;
import java.util.Set;

/** Which failures are worth repeating. */
final class RetryRules {
  private static final String DOMAIN = "callwire";

  /** Without a reason: what a connection, a proxy or a dying peer makes of a call. */
  private static final Set<Status.Code> RETRYABLE_CODES =
      Set.of(
          Status.Code.UNAVAILABLE,
          Status.Code.RESOURCE_EXHAUSTED,
          Status.Code.ABORTED,
          Status.Code.DEADLINE_EXCEEDED,
          Status.Code.INTERNAL,
          Status.Code.UNKNOWN,
          Status.Code.CANCELLED);

  private RetryRules() {}

  static boolean isRetryable(Status.Code code, ErrorDetails details) {
    if (details.errorInfo() == null || !details.errorInfo().getDomain().equals(DOMAIN)) {
      return RETRYABLE_CODES.contains(code);
    }
    return details.retryInfo() != null || isRetryable(details.errorInfo().getReason());
  }

  /** What the catalogue says; a reason that it does not have is taken for a final one. */
  private static boolean isRetryable(String reason) {
    EnumValueDescriptor value = ErrorReason.getDescriptor().findValueByName("ERROR_REASON_" + reason);
    return value != null && value.getOptions().getExtension(ErrorProto.retryable);
  }
}
