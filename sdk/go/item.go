package callwire

// item is what waits between the receiving and the handling side: a delivery, a status, or a moved position alone.
type item struct {
	delivery Delivery
	status   Status
	// cursor is the position once this item is handled; empty leaves it.
	cursor string
	// digest is that of the filters in force once this item is handled; empty leaves it.
	digest string
}

func (i item) isEvent() bool {
	_, is := i.delivery.(EventDelivery)
	return is
}
