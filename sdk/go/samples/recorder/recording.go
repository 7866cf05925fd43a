package main

import (
	"cmp"
	"slices"
	"time"

	"github.com/callwire/callwire/sdk/go/callwirev1"
)

// recording is what is recorded of one call.
type recording struct {
	// started is when the call was answered; zero before.
	started time.Time
	// midway is whether the source reported nothing of the call's begin: it may have been answered before.
	midway bool
	// paused are the times of redaction since then; the last one may be open.
	paused []span
	// complete is false when events of the call may have been missed.
	complete bool
	// told is the state that was last reported.
	told string
}

// newRecording begins with the first event of a call that this process sees. After a restart that is not the call's first
// one: the session tells what was before.
func newRecording(event *callwirev1.Event) *recording {
	session := event.GetSession()
	midway := slices.Contains(session.GetAnomalies(), callwirev1.SessionAnomaly_SESSION_ANOMALY_FIRST_SEEN_MIDWAY)
	recording := &recording{midway: midway, complete: !midway && !session.GetTruncated()}
	if answered := session.GetAnsweredTime(); answered != nil {
		recording.started = answered.AsTime()
		recording.paused = earlierPauses(recording.started, session.GetRedactionSpans())
	}
	recording.follow(event)
	return recording
}

// earlierPauses are the times during which any party was redacted, from a time on. Spans come in the order of their
// begin and may overlap.
func earlierPauses(from time.Time, redactions []*callwirev1.ParticipantSpan) []span {
	var pauses []span
	for _, redaction := range redactions {
		next := span{From: instant{later(from, redaction.GetBeginTime().AsTime())}}
		if end := redaction.GetEndTime(); end != nil {
			if !end.AsTime().After(next.From.Time) {
				continue
			}
			next.To.Time = end.AsTime()
		}
		last := len(pauses) - 1
		switch {
		case last < 0 || !pauses[last].open() && pauses[last].To.Before(next.From.Time):
			pauses = append(pauses, next)
		case next.open() || pauses[last].open():
			pauses[last].To.Time = time.Time{}
		default:
			pauses[last].To.Time = later(pauses[last].To.Time, next.To.Time)
		}
	}
	return pauses
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// follow takes a further event of the call.
func (r *recording) follow(event *callwirev1.Event) {
	now := event.GetReceivedTime().AsTime()
	isConnected := event.GetCall().GetState() == callwirev1.CallState_CALL_STATE_CONNECTED
	if r.started.IsZero() && (event.GetSession().GetAnsweredTime() != nil || r.midway && isConnected) {
		r.started = now
	}
	switch {
	case r.started.IsZero():
	case event.GetRedactionActive() && !r.isPaused():
		r.paused = append(r.paused, span{From: instant{now}})
	case !event.GetRedactionActive() && r.isPaused():
		r.paused[len(r.paused)-1].To.Time = now
	}
}

func (r *recording) isPaused() bool { return len(r.paused) > 0 && r.paused[len(r.paused)-1].open() }

// state is what a recorder does now, in a word.
func (r *recording) state() string {
	switch {
	case r.started.IsZero():
		return "waiting"
	case r.isPaused():
		return "paused"
	default:
		return "running"
	}
}

// finish makes the line of a call that ended; regularly is false for one that expired.
func (r *recording) finish(key callKey, event *callwirev1.Event, regularly bool) line {
	end := event.GetReceivedTime().AsTime()
	if r.isPaused() {
		r.paused[len(r.paused)-1].To.Time = end
	}
	finished := line{
		CallID:    key.callID,
		Source:    key.source,
		Direction: directionOf(event.GetSession()),
		Queue:     append([]string{}, event.GetSession().GetQueuePathNames()...),
		Agents:    agentsOf(event.GetSession()),
		Ended:     instant{end},
		Segments:  []span{},
		Paused:    append([]span{}, r.paused...),
		Complete:  r.complete && regularly,
	}
	if !r.started.IsZero() {
		finished.Started = &instant{r.started}
		finished.Segments = between(r.started, end, r.paused)
	}
	return finished
}

// between gives what is left of a time without its pauses.
func between(from, to time.Time, pauses []span) []span {
	segments := []span{}
	add := func(until time.Time) {
		if from.Before(until) {
			segments = append(segments, span{From: instant{from}, To: instant{until}})
		}
	}
	for _, pause := range pauses {
		add(pause.From.Time)
		from = pause.To.Time
	}
	add(to)
	return segments
}

func directionOf(session *callwirev1.Session) string {
	switch session.GetDirection() {
	case callwirev1.Direction_DIRECTION_INCOMING:
		return "incoming"
	case callwirev1.Direction_DIRECTION_OUTGOING:
		return "outgoing"
	default:
		return ""
	}
}

// agentsOf gives each agent once, in the order of joining.
func agentsOf(session *callwirev1.Session) []string {
	spans := slices.Clone(session.GetAgents())
	slices.SortStableFunc(spans, func(a, b *callwirev1.AgentSpan) int {
		return cmp.Compare(a.GetJoinedOffset(), b.GetJoinedOffset())
	})
	ids := []string{}
	for _, agent := range spans {
		if !slices.Contains(ids, agent.GetAgentId()) {
			ids = append(ids, agent.GetAgentId())
		}
	}
	return ids
}
