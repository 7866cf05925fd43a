package io.callwire;

import static io.callwire.testing.Responses.failure;
import static io.callwire.testing.Responses.retryInfo;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.rpc.ErrorInfo;
import io.grpc.Status;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CallwireExceptionTest {
  @Test
  void theReasonAndItsFactsAreTyped() {
    Map<String, String> facts = Map.of("oldest_cursor", "0a1b2c3d-20");
    CallwireException error = CallwireException.of(failure(Status.Code.OUT_OF_RANGE, "CURSOR_EXPIRED", facts));
    assertEquals(Status.Code.OUT_OF_RANGE, error.code());
    assertEquals(Optional.of("CURSOR_EXPIRED"), error.reason());
    assertEquals(facts, error.metadata());
    assertEquals("as the script says", error.getMessage());
    assertEquals("io.callwire.CallwireException: OUT_OF_RANGE CURSOR_EXPIRED: as the script says", error.toString());
    assertFalse(error.retryable());
  }

  @Test
  void theCatalogueSaysWhatIsWorthRepeating() {
    assertTrue(CallwireException.of(failure(Status.Code.UNAVAILABLE, "GOING_AWAY")).retryable());
    assertFalse(CallwireException.of(failure(Status.Code.PERMISSION_DENIED, "FIELD_MASKED")).retryable());
    assertFalse(CallwireException.of(failure(Status.Code.UNAVAILABLE, "A_REASON_OF_LATER")).retryable());
  }

  @Test
  void aDelayThatIsAskedForMakesAFailureWorthRepeating() {
    ErrorInfo info = ErrorInfo.newBuilder().setDomain("callwire").setReason("A_REASON_OF_LATER").build();
    Duration delay = Duration.ofMillis(2_500);
    CallwireException error =
        CallwireException.of(failure(Status.Code.RESOURCE_EXHAUSTED, info, retryInfo(delay)));
    assertEquals(Optional.of(delay), error.retryAfter());
    assertTrue(error.retryable());
  }

  @Test
  void whatDoesNotComeFromAGatewayIsJudgedByItsCode() {
    CallwireException lost = CallwireException.of(Status.UNAVAILABLE.asRuntimeException());
    assertEquals(Optional.empty(), lost.reason());
    assertEquals("UNAVAILABLE", lost.getMessage());
    assertTrue(lost.retryable());
    assertFalse(CallwireException.of(Status.UNAUTHENTICATED.asRuntimeException()).retryable());
    ErrorInfo foreign = ErrorInfo.newBuilder().setDomain("proxy.example").setReason("CURSOR_EXPIRED").build();
    assertTrue(CallwireException.of(failure(Status.Code.UNAVAILABLE, foreign)).retryable());
  }

  @Test
  void theCauseIsWhatGrpcKnewOfIt() {
    IOException refused = new IOException("connection refused");
    CallwireException error = CallwireException.of(Status.UNAVAILABLE.withCause(refused).asRuntimeException());
    assertSame(refused, error.getCause());
  }
}
