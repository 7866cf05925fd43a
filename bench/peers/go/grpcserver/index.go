package grpcserver

import pb "callwire-bench/callwirev1"

// index leads from the name of a queue to the subscribers who ask for it; those without a filter are under "".
type index map[string]map[*subscriber]struct{}

func (i index) each(subscriber *subscriber, call func(name string)) {
	if len(subscriber.filters) == 0 {
		call("")
	}
	for _, filter := range subscriber.filters {
		for _, name := range filter.QueueNames {
			call(name)
		}
	}
}

func (i index) add(added *subscriber) {
	i.each(added, func(name string) {
		if i[name] == nil {
			i[name] = map[*subscriber]struct{}{}
		}
		i[name][added] = struct{}{}
	})
}

func (i index) remove(removed *subscriber) {
	i.each(removed, func(name string) {
		if delete(i[name], removed); len(i[name]) == 0 {
			delete(i, name)
		}
	})
}

// match gives, for each queue that occurs, its events and its subscribers. A subscriber of several queues gets several
// responses.
func (i index) match(events []*pb.Event) []share {
	var shares []share
	byName := map[string]int{}
	take := func(name string, event *pb.Event) {
		at, known := byName[name]
		if !known {
			at = -1
			if subscribers := i[name]; len(subscribers) > 0 {
				at = len(shares)
				shares = append(shares, share{subscribers: keys(subscribers)})
			}
			byName[name] = at
		}
		if at >= 0 {
			shares[at].events = append(shares[at].events, event)
		}
	}
	for _, event := range events {
		take("", event)
		if path := event.GetCall().QueuePathNames; len(path) > 0 {
			take(path[0], event)
		}
	}
	return shares
}

func keys(set map[*subscriber]struct{}) []*subscriber {
	list := make([]*subscriber, 0, len(set))
	for one := range set {
		list = append(list, one)
	}
	return list
}
