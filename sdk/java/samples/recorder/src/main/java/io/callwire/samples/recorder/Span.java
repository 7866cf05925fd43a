package io.callwire.samples.recorder;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** A time, from one instant to another; {@code to} is null while it lasts. */
record Span(Instant from, Instant to) {
  boolean isOver() {
    return to != null;
  }

  Span until(Instant end) {
    return new Span(from, end);
  }

  /** Joins spans, which come in the order of their beginnings, where they overlap or touch. */
  static List<Span> merged(List<Span> spans) {
    List<Span> joined = new ArrayList<>();
    for (Span span : spans) {
      Span last = joined.isEmpty() ? null : joined.get(joined.size() - 1);
      if (last == null || (last.isOver() && last.to.isBefore(span.from))) {
        joined.add(span);
      } else {
        joined.set(joined.size() - 1, last.until(later(last.to, span.to)));
      }
    }
    return joined;
  }

  /** Null, which is a span that lasts, is later than any instant. */
  private static Instant later(Instant a, Instant b) {
    if (a == null || b == null) {
      return null;
    }
    return a.isAfter(b) ? a : b;
  }

  /** What pauses, which are over, in order and apart, leave of this time. */
  List<Span> without(List<Span> pauses) {
    List<Span> left = new ArrayList<>();
    Instant begin = from;
    for (Span pause : pauses) {
      addIfLong(left, new Span(begin, pause.from));
      begin = pause.to;
    }
    addIfLong(left, new Span(begin, to));
    return left;
  }

  private static void addIfLong(List<Span> spans, Span span) {
    if (span.from.isBefore(span.to)) {
      spans.add(span);
    }
  }
}
