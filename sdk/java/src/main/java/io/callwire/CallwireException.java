package io.callwire;

import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * Why a call or a subscription failed. {@link #getMessage()} is the gateway's own text.
 *
 * <p>The reasons are those of {@link io.callwire.v1.ErrorReason} without the prefix {@code ERROR_REASON_}.
 */
public final class CallwireException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** The gRPC status code. */
  private final Status.Code code;
  /** The reason, null when there is none. */
  private final String reason;
  /** Facts that come with the reason. */
  private final transient Map<String, String> metadata;
  /** The delay asked for, null when there is none. */
  private final Duration retryAfter;
  /** Whether repeating can help. */
  private final boolean retryable;

  private CallwireException(
      Status.Code code, String message, ErrorInfo info, RetryInfo retryInfo, boolean retryable, Throwable cause) {
    super(message, cause);
    this.code = code;
    this.reason = info == null || info.getReason().isEmpty() ? null : info.getReason();
    this.metadata = info == null ? Map.of() : Map.copyOf(info.getMetadataMap());
    this.retryAfter = retryInfo == null ? null : ProtoTime.duration(retryInfo.getRetryDelay());
    this.retryable = retryable;
  }

  /** The error that a failed call was ended with. */
  static CallwireException of(Throwable failure) {
    Status status = Status.fromThrowable(failure);
    ErrorDetails details = ErrorDetails.of(failure);
    String message = status.getDescription() == null ? status.getCode().toString() : status.getDescription();
    boolean wrapsStatus = failure instanceof StatusRuntimeException || failure instanceof StatusException;
    Throwable cause = wrapsStatus && status.getCause() != null ? status.getCause() : failure;
    return new CallwireException(
        status.getCode(),
        message,
        details.errorInfo(),
        details.retryInfo(),
        RetryRules.isRetryable(status.getCode(), details),
        cause);
  }

  /** A failure that this side noticed. */
  static CallwireException local(Status.Code code, String message, Throwable cause) {
    boolean retryable = RetryRules.isRetryable(code, ErrorDetails.NONE);
    return new CallwireException(code, message, null, null, retryable, cause);
  }

  /**
   * The gRPC status code.
   *
   * @return the code
   */
  public Status.Code code() {
    return code;
  }

  /**
   * The reason from the catalogue of errors, for example {@code CURSOR_EXPIRED}.
   *
   * @return the reason; empty when the failure did not come from a gateway
   */
  public Optional<String> reason() {
    return Optional.ofNullable(reason);
  }

  /**
   * Facts that come with the reason, for example {@code oldest_cursor} with {@code CURSOR_EXPIRED} and {@code epoch} with
   * {@code EPOCH_MISMATCH}.
   *
   * @return an unmodifiable map, empty when there is none
   */
  public Map<String, String> metadata() {
    return metadata == null ? Map.of() : metadata;
  }

  /**
   * How long the gateway asks to wait before the request is repeated.
   *
   * @return the delay, when the gateway named one
   */
  public Optional<Duration> retryAfter() {
    return Optional.ofNullable(retryAfter);
  }

  /**
   * Whether the same request can succeed later without being changed. Subscriptions and calls retry such failures by
   * themselves until their {@link RetryPolicy} or deadline is used up.
   *
   * @return true when repeating can help
   */
  public boolean retryable() {
    return retryable;
  }

  @Override
  public String toString() {
    String what = reason == null ? code.toString() : code + " " + reason;
    return getClass().getName() + ": " + what + ": " + getMessage();
  }
}
